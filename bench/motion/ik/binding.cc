// Our inverse kinematics as a Python module, bound as EAIK is bound: pybind11, NumPy arrays in and out. Built by bench/motion/ik.sh.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <sys/types.h>

namespace py = pybind11;
using Array = py::array_t<double, py::array::c_style | py::array::forcecast>;

extern "C" {
void *ik6_new(const double *, const double *, const double *, const double *);
size_t ik6_solve(void *, const double *, double *);
size_t ik6_many(void *, const double *, size_t, size_t);
void *ik7_new(const double *, const double *, const double *, const double *);
size_t ik7_first(void *, const double *, const double *, double *);
size_t ik7_many(void *, const double *, const double *, size_t, size_t);
void *search_new(size_t, const double *, const double *, const double *, const double *);
ssize_t search_solve(void *, size_t, const double *, const double *, double *);
}

static void *made(void *arm) {
    if (!arm) throw py::value_error("the arm has no such solver");
    return arm;
}

struct Six {
    void *arm;
    Six(Array lines, Array tip, Array low, Array high) : arm(made(ik6_new(lines.data(), tip.data(), low.data(), high.data()))) {}
    Array solve(Array target) const {
        double all[48];
        size_t count = ik6_solve(arm, target.data(), all);
        return Array({count, size_t(6)}, all);
    }
    size_t many(Array targets, size_t repeats) const { return ik6_many(arm, targets.data(), targets.shape(0), repeats); }
};

struct Seven {
    void *arm;
    Seven(Array lines, Array tip, Array low, Array high) : arm(made(ik7_new(lines.data(), tip.data(), low.data(), high.data()))) {}
    py::object first(Array target, Array posture) const {
        double q[7];
        if (!ik7_first(arm, target.data(), posture.data(), q)) return py::none();
        return Array(7, q);
    }
    size_t many(Array targets, Array postures, size_t repeats) const {
        return ik7_many(arm, targets.data(), postures.data(), targets.shape(0), repeats);
    }
};

struct Search {
    size_t n;
    void *arm;
    Search(Array lines, Array tip, Array low, Array high)
        : n(low.size()), arm(made(search_new(n, lines.data(), tip.data(), low.data(), high.data()))) {}
    py::object solve(Array target, Array posture) const {
        Array q(n);
        if (search_solve(arm, n, target.data(), posture.data(), q.mutable_data()) < 0) return py::none();
        return q;
    }
};

PYBIND11_MODULE(leitai_ik, m) {
    py::class_<Six>(m, "Six").def(py::init<Array, Array, Array, Array>()).def("solve", &Six::solve).def("many", &Six::many);
    py::class_<Seven>(m, "Seven").def(py::init<Array, Array, Array, Array>()).def("first", &Seven::first).def("many", &Seven::many);
    py::class_<Search>(m, "Search").def(py::init<Array, Array, Array, Array>()).def("solve", &Search::solve);
}
