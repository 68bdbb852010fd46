// MuJoCo's side of the bench. Links only against the Python package's libmujoco.
//   mujoco_bench step  SCENE_DIR NAME NWARM NSTEP REPS                 steps per second of CPU time
//   mujoco_bench batch SCENE_DIR NAME NWARM NSTEP REPS NSIM NTHREAD    many worlds at once, per CPU-second of the process
//   mujoco_bench func  SCENE_DIR NAME CALLS REPS                       single algorithms, ns per call
//   mujoco_bench load  SCENE_DIR NAME 0 REPS                           from file to model, ms of CPU time
// Output, separated by tabs: engine scene metric median min max unit note.
#include <mujoco/mujoco.h>
#include <mujoco/mjbatch.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <time.h>
// single-thread modes use the CPU time of this thread, so other load on the machine does not enter
struct cpuclk { static double now() { timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec + 1e-9 * t.tv_nsec; } };
using clk = cpuclk;
// batch: CPU time of the whole process, reported per CPU-second (x threads = steps/s on an idle machine)
struct wall { static double now() { timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec + 1e-9 * t.tv_nsec; } };
static double secs(double a, double b) { return b - a; }

struct Ctrl { double home, amp, freq, phase; };
static std::vector<Ctrl> load_ctrl(const std::string& p) {
  std::vector<Ctrl> v; FILE* f = std::fopen(p.c_str(), "r"); Ctrl c;
  if (f) { while (std::fscanf(f, "%lf %lf %lf %lf", &c.home, &c.amp, &c.freq, &c.phase) == 4) v.push_back(c); std::fclose(f); }
  return v;
}
static void set_ctrl(const mjModel* m, double t, const std::vector<Ctrl>& c, mjtNum* u) {
  for (int i = 0; i < m->nu && i < (int)c.size(); i++) u[i] = c[i].home + c[i].amp * std::sin(6.283185307179586 * c[i].freq * t + c[i].phase);
}
static void row(const char* scene, const char* metric, std::vector<double> v, const char* unit, const char* note) {
  std::sort(v.begin(), v.end());
  std::printf("mujoco-%s\t%s\t%s\t%.6g\t%.6g\t%.6g\t%s\t%s\n", mj_versionString(), scene, metric, v[v.size() / 2], v.front(), v.back(), unit, note);
  std::fflush(stdout);
}
// deterministic generator, the same in every harness
struct Rng { unsigned long long s; double u() { s = s * 6364136223846793005ULL + 1442695040888963407ULL; return (double)(s >> 11) / 9007199254740992.0; } };

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  std::string mode = argv[1], dir = argv[2], name = argv[3];
  char err[1000] = "";
  if (mode == "load") {  // bench load DIR NAME 0 REPS: CPU time of all threads, first with an empty cache, then with a filled one
    std::vector<double> ms;
    for (int r = 0; r <= atoi(argv[5]); r++) {
      const double begin = wall::now();
      mjModel* loaded = mj_loadXML((dir + "/" + name + ".xml").c_str(), nullptr, err, sizeof err);
      if (!loaded) { std::fprintf(stderr, "%s: %s\n", name.c_str(), err); return 1; }
      ms.push_back(1e3 * secs(begin, wall::now()));
      mj_deleteModel(loaded);
    }
    row(name.c_str(), "load", {ms[0]}, "ms", "with an empty cache of assets");
    row(name.c_str(), "load again", {ms.begin() + 1, ms.end()}, "ms", "with a filled cache of assets");
    return 0;
  }
  mjModel* m = mj_loadXML((dir + "/" + name + ".xml").c_str(), nullptr, err, sizeof err);
  if (!m) { std::fprintf(stderr, "%s: %s\n", name.c_str(), err); return 1; }
  std::string metric_tag;
  if (const char* o = std::getenv("BENCH_OPT")) {  // overrides: noslip=3,cone=1,impratio=10,integrator=1,solver=0,iterations=5,sleep=1
    metric_tag = std::string("(") + o + ")";
    char buf[256]; std::snprintf(buf, sizeof buf, "%s", o);
    for (char* q = std::strtok(buf, ","); q; q = std::strtok(nullptr, ",")) {
      char* e = std::strchr(q, '='); if (!e) continue; *e = 0; double x = atof(e + 1);
      if (!std::strcmp(q, "noslip")) m->opt.noslip_iterations = (int)x;
      if (!std::strcmp(q, "cone")) m->opt.cone = (int)x;
      if (!std::strcmp(q, "impratio")) m->opt.impratio = x;
      if (!std::strcmp(q, "integrator")) m->opt.integrator = (int)x;
      if (!std::strcmp(q, "solver")) m->opt.solver = (int)x;
      if (!std::strcmp(q, "iterations")) m->opt.iterations = (int)x;
      if (!std::strcmp(q, "sleep") && x) m->opt.enableflags |= mjENBL_SLEEP;
    }
  }
  auto ctrl = load_ctrl(dir + "/" + name + ".ctrl");
  mjData* d = mj_makeData(m);
  int key = mj_name2id(m, mjOBJ_KEY, "bench");
  if (key >= 0) mj_resetDataKeyframe(m, d, key);
  char note[512];
  static const char* I[] = {"Euler", "RK4", "implicit", "implicitfast", "discrete"};
  static const char* S[] = {"PGS", "CG", "Newton"};

  if (mode == "step") {
    int nwarm = atoi(argv[4]), nstep = atoi(argv[5]), reps = atoi(argv[6]);
    for (int i = 0; i < nwarm; i++) { set_ctrl(m, d->time, ctrl, d->ctrl); mj_step(m, d); }
    int ns = mj_stateSize(m, mjSTATE_INTEGRATION);
    std::vector<mjtNum> st(ns); mj_getState(m, d, st.data(), mjSTATE_INTEGRATION);
    std::vector<double> rate; double ncon = 0, nefc = 0, nit = 0; long n = 0;
    for (int r = 0; r < reps + 1; r++) {
      mj_setState(m, d, st.data(), mjSTATE_INTEGRATION);
      auto a = clk::now();
      for (int i = 0; i < nstep; i++) { set_ctrl(m, d->time, ctrl, d->ctrl); mj_step(m, d);
        if (r == 0) { ncon += d->ncon; nefc += d->nefc; int k = 0, ni = d->nisland ? d->nisland : 1; for (int q = 0; q < ni && q < mjNISLAND; q++) k += d->solver_niter[q]; nit += d->nefc ? k : 0; n++; } }
      auto b = clk::now();
      if (r) rate.push_back(nstep / secs(a, b));
    }
    int warn = 0; for (int i = 0; i < mjNWARNING; i++) warn += d->warning[i].number;
    std::snprintf(note, sizeof note, "nv=%d nu=%d ncon=%.1f nefc=%.1f iters=%.2f dt=%g %s/%s/%s tol=%g maxit=%d warn=%d", m->nv, m->nu, ncon / n, nefc / n, nit / n,
                  m->opt.timestep, I[m->opt.integrator], S[m->opt.solver], m->opt.cone ? "elliptic" : "pyramidal", m->opt.tolerance, m->opt.iterations, warn);
    row(name.c_str(), ("step" + metric_tag).c_str(), rate, "steps/s", note);
  } else if (mode == "batch") {
    int nwarm = atoi(argv[4]), nstep = atoi(argv[5]), reps = atoi(argv[6]), nsim = atoi(argv[7]), nthread = atoi(argv[8]);
    for (int i = 0; i < nwarm; i++) { set_ctrl(m, d->time, ctrl, d->ctrl); mj_step(m, d); }
    mjBatchConfig cfg; mjb_defaultConfig(&cfg); cfg.nthread = nthread;
    mjBatch* B = mjb_makeBatch(m, nsim, &cfg, err, sizeof err);
    if (!B) { std::fprintf(stderr, "%s\n", err); return 1; }
    int ns = mjb_nstate(B); std::vector<mjtNum> st(ns); mj_getState(m, d, st.data(), mjSTATE_INTEGRATION);
    // per-simulation open-loop controls so that the simulations are not identical
    std::vector<mjtNum> U((size_t)nsim * nstep * std::max<long>(1, m->nu));
    for (int s = 0; s < nsim; s++) for (int i = 0; i < nstep; i++) set_ctrl(m, d->time + i * m->opt.timestep + 0.01 * s, ctrl, U.data() + ((size_t)s * nstep + i) * m->nu);
    std::vector<double> rate;
    for (int r = 0; r < reps + 1; r++) {
      for (int s = 0; s < nsim; s++) std::memcpy(mjb_state(B) + (size_t)s * ns, st.data(), ns * sizeof(mjtNum));
      auto a = wall::now();
      mjb_rollout(B, nullptr, 0, nstep, m->nu ? U.data() : nullptr, mjSTATE_CTRL, nullptr, 0);
      auto b = wall::now();
      if (r) rate.push_back((double)nsim * nstep / secs(a, b));
    }
    std::snprintf(note, sizeof note, "mjb_rollout nsim=%d nthread=%d nstep=%d", nsim, mjb_nthread(B), nstep);
    char metric[64]; std::snprintf(metric, sizeof metric, "batch_t%d", nthread);
    row(name.c_str(), metric, rate, "steps/cpu-s", note);
    mjb_deleteBatch(B);
  } else if (mode == "func") {
    int calls = atoi(argv[4]), reps = atoi(argv[5]);
    const int NS = 64; Rng g{12345};
    std::vector<std::vector<mjtNum>> Q(NS), V(NS), A(NS);
    for (int k = 0; k < NS; k++) {
      Q[k].assign(m->qpos0, m->qpos0 + m->nq); V[k].resize(m->nv); A[k].resize(m->nv);
      for (int j = 0; j < m->njnt; j++) { int ad = m->jnt_qposadr[j];
        if (m->jnt_type[j] == mjJNT_HINGE || m->jnt_type[j] == mjJNT_SLIDE) { double lo = -1, hi = 1; if (m->jnt_limited[j]) { lo = m->jnt_range[2 * j]; hi = m->jnt_range[2 * j + 1]; } Q[k][ad] = lo + (hi - lo) * g.u(); }
        else { int o = m->jnt_type[j] == mjJNT_FREE ? 3 : 0; for (int i = 0; i < o; i++) Q[k][ad + i] += g.u() - 0.5; double s = 0; for (int i = 0; i < 4; i++) { Q[k][ad + o + i] = g.u() - 0.5; s += Q[k][ad + o + i] * Q[k][ad + o + i]; } for (int i = 0; i < 4; i++) Q[k][ad + o + i] /= std::sqrt(s); } }
      for (int i = 0; i < m->nv; i++) { V[k][i] = 2 * g.u() - 1; A[k][i] = 2 * g.u() - 1; }
    }
    std::vector<mjtNum> res(m->nv), J(6 * m->nv), M((size_t)m->nv * m->nv);
    auto time_it = [&](const char* metric, auto setup, auto f, int every) {
      std::vector<double> v; int n = std::max(1, calls / every);
      for (int r = 0; r < reps + 1; r++) {
        double t = 0; int blocks = std::max(1, n / NS);
        for (int k = 0; k < NS; k++) { mju_copy(d->qpos, Q[k].data(), m->nq); mju_copy(d->qvel, V[k].data(), m->nv); mju_copy(d->qacc, A[k].data(), m->nv); setup();
          f(); auto a = clk::now(); for (int i = 0; i < blocks; i++) f(); auto b = clk::now(); t += secs(a, b); }
        if (r) v.push_back(t / ((double)NS * blocks) * 1e9);
      }
      std::snprintf(note, sizeof note, "nv=%d nbody=%ld ngeom=%ld", (int)m->nv, (long)m->nbody, (long)m->ngeom);
      row(name.c_str(), metric, v, "ns/call", note);
    };
    int save = m->opt.disableflags;
    auto pos = [&] { mj_kinematics(m, d); mj_comPos(m, d); };
    auto vel = [&] { mj_fwdPosition(m, d); mj_fwdVelocity(m, d); };
    time_it("kinematics", [] {}, [&] { mj_kinematics(m, d); }, 1);
    time_it("kin+comPos", [] {}, [&] { mj_kinematics(m, d); mj_comPos(m, d); }, 1);
    time_it("jacBody(last)", pos, [&] { mj_jacBody(m, d, J.data(), J.data() + 3 * m->nv, m->nbody - 1); }, 1);
    time_it("makeM(crb)", pos, [&] { mj_makeM(m, d); }, 1);
    time_it("kin+com+makeM+factor", [] {}, [&] { mj_kinematics(m, d); mj_comPos(m, d); mj_makeM(m, d); mj_factorM(m, d); }, 1);
    time_it("rne(bias)", vel, [&] { mj_rne(m, d, 0, res.data()); }, 1);
    m->opt.disableflags = save | mjDSBL_CONSTRAINT | mjDSBL_CONTACT | mjDSBL_SENSOR;
    time_it("forward(no constr)", [] {}, [&] { mj_forward(m, d); }, 2);
    time_it("inverse(no constr)", [] {}, [&] { mj_inverse(m, d); }, 2);
    m->opt.disableflags = save;
    time_it("collision", pos, [&] { mj_collision(m, d); }, 2);
    time_it("forward(full)", [] {}, [&] { mj_forward(m, d); }, 10);
  }
  mj_deleteData(d); mj_deleteModel(m);
  return 0;
}
