"""Teaches the student to dream like its teacher: python distil.py --images FOLDER --teacher googlenet.onnx --out student.pt

Every block imitates the teacher's block before its activation (Heo et al., "A Comprehensive Overhaul of Feature Distillation", 2019:
a margin for negative values, and no penalty where both are below it), the head imitates the teacher's softened classes. Three batches
in ten are pictures that the student has dreamed on a little, so that it is right about what its own gradient climbs towards.
The averaged weights are what is kept.
"""
import argparse
import glob
import math
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

from networks import TAPS, Student, Teacher, teacher_channels

parser = argparse.ArgumentParser()
for name in ("--images", "--teacher", "--out"):
    parser.add_argument(name, required=True)
for name, default in (("--steps", 20000), ("--batch", 24), ("--minutes", 10**9)):
    parser.add_argument(name, type=int, default=default)
ARGS = parser.parse_args()

LEARNING_RATE = 2e-3
pictures = [torch.from_numpy(np.asarray(Image.open(f).convert("RGB")).copy()).permute(2, 0, 1) for f in sorted(glob.glob(ARGS.images + "/*.jpg"))]
teacher, student = Teacher(ARGS.teacher), Student()
regressions = nn.ModuleDict({tap: nn.Conv2d(student.channels[tap], teacher_channels(tap), 1) for tap in TAPS})
both = nn.ModuleDict({"student": student, "regressions": regressions})
optimiser = torch.optim.AdamW(both.parameters(), lr=LEARNING_RATE, weight_decay=2e-4)
average, margins = {k: v.clone() for k, v in both.state_dict().items()}, {}


def crop(picture, size):
    height, width = picture.shape[1:]
    side = int(min(height, width) * random.uniform(.35, 1))
    y, x = random.randint(0, height - side), random.randint(0, width - side)
    part = picture[None, :, y:y + side, x:x + side].float()
    part = F.interpolate(part, size=(size, size), mode="bilinear", antialias=True)[0]
    return part.flip(2) if random.random() < .5 else part


def batch(size):
    """Crops with random contrast, colour, brightness, and sometimes a mixture or noise."""
    x = torch.stack([crop(random.choice(pictures), size) for _ in range(ARGS.batch)])
    vary = lambda low, high, channels=1: torch.empty(len(x), channels, 1, 1).uniform_(low, high)
    x = (x - 128) * vary(.6, 1.4) * vary(.85, 1.15, 3) + 128 + vary(-25, 25, 3)
    if random.random() < .15:
        share = torch.rand(len(x), 1, 1, 1)
        x = share * x + (1 - share) * x.roll(1, 0)
    if random.random() < .2:
        x = x + torch.randn_like(x) * random.uniform(0, 20)
    return x.clamp(0, 255)


def to_input(x):
    return (x - 117.) / 58.


def dreamed(x):
    student.eval()
    tap = random.choice(TAPS[1:8])
    for _ in range(random.randint(1, 3)):
        x = x.detach().requires_grad_(True)
        gradient, = torch.autograd.grad(student(to_input(x), until=tap)[tap].pow(2).sum(), x)
        x = (x + random.uniform(2, 6) * gradient / (gradient.abs().mean((1, 2, 3), keepdim=True) + 1e-8)).clamp(0, 255)
    student.train()
    return x.detach()


def loss(x):
    with torch.no_grad():
        wanted = teacher(x)
    found = student(to_input(x))
    total = .5 * F.kl_div(F.log_softmax(found["fc"] / 2, 1), F.softmax(wanted["fc"] / 2, 1), reduction="batchmean")
    for tap in TAPS:
        value = wanted[tap]
        below = (value < 0).float()
        mean = (value * below).sum((0, 2, 3), keepdim=True) / (below.sum((0, 2, 3), keepdim=True) + 1)
        margins[tap] = .98 * margins.get(tap, mean) + .02 * mean
        goal = torch.maximum(value, margins[tap])
        spread = goal.var((0, 2, 3), keepdim=True)
        guess = regressions[tap](found[tap])
        matters = ((guess > goal) | (goal > 0)).float()
        total = total + ((guess - goal).pow(2) * matters / (spread + .05 * spread.mean())).mean()
    return total


start, step = time.time(), 0
while step < ARGS.steps and time.time() - start < ARGS.minutes * 60:
    for group in optimiser.param_groups:
        group["lr"] = LEARNING_RATE * min(1, (step + 1) / 300) * .5 * (1 + math.cos(math.pi * step / ARGS.steps)) + 1e-6
    x = batch(random.choice((112, 128, 144, 144, 176)))
    if step > 600 and random.random() < .3:
        x = dreamed(x)
    value = loss(x)
    optimiser.zero_grad()
    value.backward()
    nn.utils.clip_grad_norm_(both.parameters(), 5.)
    optimiser.step()
    step += 1
    keep = min(.999, (1 + step) / (20 + step))
    with torch.no_grad():
        for name, tensor in both.state_dict().items():
            average[name].mul_(keep).add_(tensor, alpha=1 - keep) if tensor.is_floating_point() else average[name].copy_(tensor)
    if step % 100 == 0:
        print(f"step {step}, {(time.time() - start) / 60:.0f} min, loss {value.item():.2f}", flush=True)
prefix = "student."
torch.save({k[len(prefix):]: v for k, v in average.items() if k.startswith(prefix)}, ARGS.out)
