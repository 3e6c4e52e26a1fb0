// hnswlib as its authors wrote it, for bench/peers/hnswlib.ts to drive. Builds its index, or loads it from `index`, prints
// one line of JSON, then searches as asked on standard input, a line "ef" each time: every query once, one call each.
// Arguments: base.f32 query.f32 truth.i32 dimension k M efConstruction index
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
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
  const auto queries = read<float>(argv[2]);
  const auto truth = read<int>(argv[3]);
  const size_t d = atoi(argv[4]), k = atoi(argv[5]), M = atoi(argv[6]), efConstruction = atoi(argv[7]);
  const size_t m = queries.size() / d;

  hnswlib::InnerProductSpace space(d);
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
  double seconds = 0;
  if (std::ifstream(argv[8])) {
    index.reset(new hnswlib::HierarchicalNSW<float>(&space, argv[8]));
  } else {
    const auto base = read<float>(argv[1]);
    const size_t n = base.size() / d;
    index.reset(new hnswlib::HierarchicalNSW<float>(&space, n, M, efConstruction, 100));
    const double start = now();
    for (size_t i = 0; i < n; i++) index->addPoint(base.data() + i * d, i);
    seconds = now() - start;
    index->saveIndex(argv[8]);
  }
  printf("{\"seconds\":%.4f}\n", seconds);
  fflush(stdout);

  std::vector<hnswlib::labeltype> found(m * k);
  for (int ef; scanf("%d", &ef) == 1;) {
    index->setEf(ef);
    const double start = now();
    for (size_t q = 0; q < m; q++) {
      auto nearest = index->searchKnn(queries.data() + q * d, k);
      for (size_t i = k; i-- > 0; nearest.pop()) found[q * k + i] = nearest.top().second;
    }
    const double elapsed = now() - start;
    size_t hits = 0;
    for (size_t q = 0; q < m; q++)
      for (size_t i = 0; i < k; i++)
        hits += std::count(truth.begin() + q * k, truth.begin() + (q + 1) * k, (int)found[q * k + i]);
    printf("{\"recall\":%.5f,\"qps\":%.1f}\n", double(hits) / (m * k), m / elapsed);
    fflush(stdout);
  }
}
