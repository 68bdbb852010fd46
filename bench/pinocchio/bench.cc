// Pinocchio's side of the algorithms: pinocchio_bench func MODEL.txt NAME CALLS REPS
//
// Links the libraries of the `pin` wheel, so it times what `pip install pin` gives, generic x86-64. The model is text that
// models.py has written, since the wheel's own parser is not for other programs. Prints a line for each
// algorithm, separated by tabs: engine name algorithm median min max ns/call note. Configurations, velocities, accelerations and
// torques are 64 draws from [-1, 1] about the neutral posture, taken in turn.
#include <pinocchio/algorithm/aba.hpp>
#include <pinocchio/algorithm/crba.hpp>
#include <pinocchio/algorithm/jacobian.hpp>
#include <pinocchio/algorithm/joint-configuration.hpp>
#include <pinocchio/algorithm/rnea.hpp>
#include <pinocchio/serialization/model.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <time.h>
#include <vector>

namespace {

constexpr int DRAWS = 64;

// Seconds of CPU time of this thread, so that other load on the machine does not enter.
double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

Eigen::VectorXd draw(long size) {
  Eigen::VectorXd x(size);
  for (long i = 0; i < size; ++i) x[i] = 2.0 * std::rand() / RAND_MAX - 1.0;
  return x;
}

template <typename Call>
void measure(const std::string& name, const char* what, int nv, int calls, int reps, Call call) {
  std::vector<double> times;
  for (int i = 0; i < DRAWS; ++i) call(i);
  for (int rep = 0; rep < reps; ++rep) {
    const double begin = cpu_seconds();
    for (int i = 0; i < calls; ++i) call(i % DRAWS);
    times.push_back((cpu_seconds() - begin) / calls * 1e9);
  }
  std::sort(times.begin(), times.end());
  std::printf("pinocchio-wheel\t%s\t%s\t%.6f\t%.6f\t%.6f\tns/call\tnv=%d\n", name.c_str(), what, times[times.size() / 2],
              times.front(), times.back(), nv);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 || std::string(argv[1]) != "func") {
    std::fprintf(stderr, "usage: pinocchio_bench func MODEL.txt NAME CALLS REPS\n");
    return 2;
  }
  pinocchio::Model model;
  pinocchio::serialization::loadFromText(model, argv[2]);
  pinocchio::Data data(model);
  const std::string name = argv[3];
  const int calls = std::atoi(argv[4]), reps = std::atoi(argv[5]), nv = model.nv;
  std::vector<Eigen::VectorXd> q, v, a, tau;
  for (int i = 0; i < DRAWS; ++i) {
    q.push_back(pinocchio::integrate(model, pinocchio::neutral(model), draw(nv)));
    v.push_back(draw(nv));
    a.push_back(draw(nv));
    tau.push_back(draw(nv));
  }
  measure(name, "RNEA", nv, calls, reps, [&](int i) { pinocchio::rnea(model, data, q[i], v[i], a[i]); });
  measure(name, "CRBA", nv, calls, reps, [&](int i) { pinocchio::crba(model, data, q[i]); });
  measure(name, "ABA", nv, calls, reps, [&](int i) { pinocchio::aba(model, data, q[i], v[i], tau[i]); });
  measure(name, "Jacobians", nv, calls, reps, [&](int i) { pinocchio::computeJointJacobians(model, data, q[i]); });
  return 0;
}
