// hnswlib as its authors wrote it, on the same files and protocol as bench/peers/compare.mjs: one JSON line a figure.
// Arguments: base.f32 query.f32 truth.i32 dimension k M efConstruction rounds ef…
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

template <typename T>
static std::vector<T> read(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<T> values(file.tellg() / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
  return values;
}

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int, char** argv) {
  const auto base = read<float>(argv[1]);
  const auto queries = read<float>(argv[2]);
  const auto truth = read<int>(argv[3]);
  const size_t d = atoi(argv[4]), k = atoi(argv[5]), M = atoi(argv[6]), efConstruction = atoi(argv[7]);
  const int rounds = atoi(argv[8]);
  const size_t n = base.size() / d, m = queries.size() / d;

  hnswlib::InnerProductSpace space(d);
  hnswlib::HierarchicalNSW<float> index(&space, n, M, efConstruction, 100);
  double start = now();
  for (size_t i = 0; i < n; i++) index.addPoint(base.data() + i * d, i);
  printf("{\"name\":\"build\",\"seconds\":%.4f}\n", now() - start);
  fflush(stdout);

  for (char** ef = argv + 9; *ef; ef++) {
    index.setEf(atoi(*ef));
    size_t hits = 0;
    std::vector<double> seconds;
    for (int round = 0; round < rounds; round++) {
      start = now();
      for (size_t q = 0; q < m; q++) {
        auto found = index.searchKnn(queries.data() + q * d, k);
        if (round > 0) continue;
        std::set<int> right(truth.begin() + q * k, truth.begin() + (q + 1) * k);
        for (; !found.empty(); found.pop()) hits += right.count(found.top().second);
      }
      if (round > 0) seconds.push_back(now() - start);
    }
    std::sort(seconds.begin(), seconds.end());
    printf("{\"name\":\"search\",\"ef\":%s,\"recall\":%.5f,\"qps\":%.1f}\n", *ef, double(hits) / (m * k), m / seconds[seconds.size() / 2]);
    fflush(stdout);
  }
}
