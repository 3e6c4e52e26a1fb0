"""The training step and the matrix product in PyTorch, on one thread.

Speaks with run.mjs: a line on stdin is the name of a figure, the answer a line of JSON with its value.
Debian: apt-get install python3-torch (1.13).
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
USERS, ITEMS, PAIRS = 6040, 3706, 400_000
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


class Towers(nn.Module):
    """The model of bench/train.ts: ids and categories -> 112 (80) -> 128 -> 64, length 1."""

    def __init__(self, sparse):
        super().__init__()
        table = lambda rows, width: nn.Embedding(rows, width, sparse=sparse)
        self.user_tables = nn.ModuleList([table(USERS, 64), table(3, 16), table(8, 16), table(22, 16)])
        self.item_table = table(ITEMS, 64)
        self.genres = nn.EmbeddingBag(19, 16, mode="mean", sparse=sparse)
        mlp = lambda width: nn.Sequential(nn.Linear(width, 128), nn.ReLU(), nn.Linear(128, 64))
        self.user_mlp, self.item_mlp = mlp(64 + 3 * 16), mlp(64 + 16)

    def forward(self, user_columns, item, genres):
        user = torch.cat([table(column) for table, column in zip(self.user_tables, user_columns)], 1)
        item = torch.cat([self.item_table(item), self.genres(genres)], 1)
        return F.normalize(self.user_mlp(user)), F.normalize(self.item_mlp(item))

    def tables(self):
        return [*self.user_tables.parameters(), *self.item_table.parameters(), *self.genres.parameters()]

    def rest(self):
        return [*self.user_mlp.parameters(), *self.item_mlp.parameters()]


def step_of(batch, optimiser):
    torch.manual_seed(1)
    model = Towers(sparse=optimiser == "sparse")
    if optimiser == "sparse":
        optimisers = [torch.optim.SparseAdam(model.tables(), lr=1e-3), torch.optim.Adam(model.rest(), lr=1e-3)]
    else:
        optimisers = [torch.optim.Adam(model.parameters(), lr=1e-3)]
    columns = [torch.arange(USERS), *(torch.randint(0, n, (USERS,)) for n in (3, 8, 22))]
    genres = torch.randint(0, 19, (ITEMS, 2))
    users, items = torch.randint(0, USERS, (PAIRS,)), torch.randint(0, ITEMS, (PAIRS,))
    order, at = torch.randperm(PAIRS), 0
    target = torch.arange(batch)

    def step():
        nonlocal at
        at = 0 if at + 2 * batch > PAIRS else at + batch
        pairs = order[at : at + batch]
        user, item = users[pairs], items[pairs]
        u, v = model([column[user] for column in columns], item, genres[item])
        loss = F.cross_entropy(u @ v.T / 0.1, target)
        for each in optimisers:
            each.zero_grad(set_to_none=True)
        loss.backward()
        for each in optimisers:
            each.step()
        return loss.item()

    return step


def median_seconds(run):
    """The median time of `run`, over about SECONDS."""
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def product_of(m, n, k):
    a, b, c = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)
    return lambda: torch.mm(a, b, out=c)


ready = {}


def figure(name):
    kind, *what = name.split("/")
    if kind == "step":  # step/256/dense
        batch, optimiser = int(what[0]), what[1]
        run = ready.get(name) or step_of(batch, optimiser)
        if name not in ready:
            for _ in range(5):
                run()
        ready[name] = run
        return batch / median_seconds(run), "examples/s"
    if kind == "matmul":  # matmul/1024x128x112
        m, n, k = map(int, what[0].split("x"))
        run = ready.setdefault(name, product_of(m, n, k))
        run()
        return 2 * m * n * k / median_seconds(run) / 1e9, "GFLOP/s"
    raise KeyError(name)


for line in sys.stdin:
    value, unit = figure(line.strip())
    print(json.dumps({"name": line.strip(), "value": value, "unit": unit}), flush=True)
