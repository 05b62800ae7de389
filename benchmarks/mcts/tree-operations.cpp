// The loop of tree-operations.ts in C++, for the limit: the same arrays, sets of candidates, PUCT, marks and running mean.
// Prints the time and what the tree came to, so that the two can be checked against each other.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

constexpr int SETS = 4096;
constexpr uint8_t OPEN = 0, IN_FLIGHT = 1, EXPANDED = 2, TERMINAL = 3, KIND = 3, CORRECT = 4, WRONG = 8;
constexpr uint8_t CLOSED = 32, BLOCKED = 64, UNAVAILABLE = 96;

struct Tree {
  int32_t size = 1;
  std::vector<int32_t> parents{-1}, first{-1};
  std::vector<uint16_t> children{0}, depths{0}, counts{1};
  std::vector<uint32_t> visits{0};
  std::vector<double> values{0};
  std::vector<float> priors{1};
  std::vector<uint8_t> statuses{OPEN}, pending{0};
  std::vector<const char *> texts{""};

  void reserve(int32_t extra) {
    size_t needed = size + extra, held = parents.size();
    if (needed <= held) return;
    size_t capacity = needed > 2 * held ? needed : 2 * held;
    parents.resize(capacity); first.resize(capacity); children.resize(capacity); depths.resize(capacity);
    counts.resize(capacity); visits.resize(capacity); values.resize(capacity); priors.resize(capacity);
    statuses.resize(capacity); pending.resize(capacity); texts.resize(capacity);
  }
};

struct Child { float prior; uint8_t status; };

static Child sets[SETS][5];

static int32_t select(const Tree &t, int32_t node, double c) {
  int32_t begin = t.first[node], end = begin + t.children[node], best = -1;
  double scale = c * std::sqrt(double(t.visits[node] + t.pending[node])), bestScore = -INFINITY;
  for (int32_t child = begin; child < end; child++) {
    if (t.statuses[child] & UNAVAILABLE) continue;
    uint32_t n = t.visits[child];
    double q = n > 0 ? t.values[child] : 0;
    double score = q + scale * t.priors[child] / (1 + n + t.pending[child]);
    if (score > bestScore || (score == bestScore && t.priors[child] > t.priors[best])) { best = child; bestScore = score; }
  }
  return best;
}

static int32_t ask(Tree &t) {
  int32_t node = 0;
  while ((t.statuses[node] & KIND) == EXPANDED) node = select(t, node, 1.25);
  t.statuses[node] = (t.statuses[node] & ~KIND) | IN_FLIGHT;
  for (int32_t s = node; s != -1; s = t.parents[s]) t.pending[s]++;
  for (int32_t s = node; s != -1; s = t.parents[s]) {
    if (s != node) {
      bool available = false;
      for (int32_t k = t.first[s]; k < t.first[s] + t.children[s]; k++) available |= (t.statuses[k] & UNAVAILABLE) == 0;
      if (available) break;
    }
    t.statuses[s] |= BLOCKED;
  }
  return node;
}

static void tell(Tree &t, int32_t leaf, const Child *set) {
  t.reserve(5);
  int32_t begin = t.size;
  double weight = 1, total = 0;
  bool solved = false;
  for (int k = 0; k < 5; k++) {
    int32_t node = t.size++;
    t.parents[node] = leaf; t.first[node] = -1; t.depths[node] = t.depths[leaf] + 1;
    t.priors[node] = set[k].prior; t.counts[node] = 1; t.texts[node] = "step"; t.statuses[node] = set[k].status;
    if ((set[k].status & KIND) != TERMINAL) continue;
    double reward = set[k].status & CORRECT ? 1 : -1;
    solved |= reward > 0;
    t.statuses[node] |= CLOSED; t.visits[node] = 1; t.values[node] = reward;
    weight += 1; total += reward;
  }
  t.first[leaf] = begin; t.children[leaf] = 5;
  t.statuses[leaf] = (t.statuses[leaf] & ~(KIND | BLOCKED)) | EXPANDED;
  for (int32_t s = leaf; s != -1; s = t.parents[s]) t.pending[s]--;
  double value = total / weight;
  for (int32_t s = leaf; s != -1; s = t.parents[s]) {
    uint32_t n = t.visits[s] + uint32_t(weight);
    t.visits[s] = n;
    t.values[s] += (value - t.values[s]) * weight / n;
  }
  if (solved) for (int32_t s = leaf; s != -1 && !(t.statuses[s] & CORRECT); s = t.parents[s]) t.statuses[s] |= CORRECT;
  for (int32_t s = leaf; s != -1; s = t.parents[s]) {
    bool closed = true, available = false;
    for (int32_t k = t.first[s]; k < t.first[s] + t.children[s]; k++) {
      closed &= (t.statuses[k] & CLOSED) != 0;
      available |= (t.statuses[k] & UNAVAILABLE) == 0;
    }
    uint8_t before = t.statuses[s], after = (before & ~UNAVAILABLE) | (closed ? CLOSED : available ? 0 : BLOCKED);
    if (after == before && s != leaf) break;
    t.statuses[s] = after;
  }
}

int main(int count, char **arguments) {
  int32_t nodes = count > 1 ? std::atoi(arguments[1]) : 1000000;
  uint32_t x = 42;
  auto next = [&x] { x ^= x << 13; x ^= x >> 17; x ^= x << 5; return x / 4294967296.0; };
  for (auto &set : sets)
    for (auto &child : set) {
      child.prior = float(next());
      double end = next();
      child.status = end < 0.05 ? TERMINAL | CORRECT : end < 0.1 ? TERMINAL | WRONG : OPEN;
    }
  Tree tree;
  int64_t iterations = 0;
  std::clock_t start = std::clock();
  for (; tree.size < nodes; iterations++) tell(tree, ask(tree), sets[iterations % SETS]);
  double microseconds = 1e6 * double(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("{\"microseconds\": %.6f, \"size\": %d, \"rootVisits\": %u, \"rootValue\": %.17g}\n", microseconds / iterations,
              tree.size, tree.visits[0], tree.values[0]);
}
