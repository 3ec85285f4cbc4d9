#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The training step of a BERT classifier of espalier beside PyTorch's, on one core, in turns.

    bench/train/beside_torch_bert.py --binary build/bench/bench/train_bert_step --python python3 --python other/bin/python

As beside_torch.py, which says how turns and ratios are made. PyTorch's network is its own nn.TransformerEncoder, post-norm, exact GELU,
without dropout; it is given neither a mask nor segments, which espalier's step has. A step is zero_grad, forward, cross entropy, backward,
AdamW over all parameters, the table of words included.
"""
import sys

from beside_torch import main


def bert_step(torch, optimizer, batch, steps, hidden, heads, layers, vocabulary):
    """A function that takes one training step of a classifier with three classes."""
    nn = torch.nn
    word, position = nn.Embedding(vocabulary, hidden), nn.Embedding(steps, hidden)
    norm = nn.LayerNorm(hidden, eps=1e-12)
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(hidden, heads, 4 * hidden, 0.0, "gelu", batch_first=True), layers)
    pool, head = nn.Linear(hidden, hidden), nn.Linear(hidden, 3)
    parts = [word, position, norm, encoder, pool, head]
    updates = getattr(torch.optim, optimizer)([p for part in parts for p in part.parameters()], 1e-4)
    x, y, order = torch.randint(0, vocabulary, (batch, steps)), torch.randint(0, 3, (batch,)), torch.arange(steps)

    def step():
        updates.zero_grad()
        v = encoder(norm(word(x) + position(order)))
        nn.functional.cross_entropy(head(torch.tanh(pool(v[:, 0]))), y).backward()
        updates.step()

    return step


if __name__ == "__main__":
    sys.exit(main(__file__, __doc__, bert_step, "train_bert_step", "AdamW"))
