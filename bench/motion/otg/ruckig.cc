// Ruckig's side: times the problems of a file and writes durations. Usage: ruckig FILE REPEATS OUT; DOF is given at compile time.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>
#include <ruckig/ruckig.hpp>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  FILE* file = std::fopen(argv[1], "rb");
  if (!file) return 1;
  std::vector<ruckig::InputParameter<DOF>> problems;
  double x[DOF][8];
  while (std::fread(x, sizeof x, 1, file) == 1) {
    ruckig::InputParameter<DOF> input;
    for (int k = 0; k < DOF; ++k) {
      input.current_position[k] = x[k][0];
      input.current_velocity[k] = x[k][1];
      input.current_acceleration[k] = x[k][2];
      input.target_position[k] = x[k][3];
      input.target_velocity[k] = x[k][4];
      input.target_acceleration[k] = 0;
      input.max_velocity[k] = x[k][5];
      input.max_acceleration[k] = x[k][6];
      input.max_jerk[k] = x[k][7];
    }
    problems.push_back(input);
  }
  std::fclose(file);
  ruckig::Ruckig<DOF> otg;
  ruckig::Trajectory<DOF> trajectory;
  std::vector<double> durations(problems.size());
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < std::atoi(argv[2]); ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < problems.size(); ++i) {
      const auto result = otg.calculate(problems[i], trajectory);
      durations[i] = result == ruckig::Result::Working || result == ruckig::Result::Finished ? trajectory.get_duration() : std::nan("");
    }
    best = std::fmin(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  FILE* out = std::fopen(argv[3], "wb");
  if (!out || std::fwrite(durations.data(), sizeof(double), durations.size(), out) != durations.size()) return 1;
  std::fclose(out);
  std::printf("%.17g\n", best * 1e9 / problems.size());
}
