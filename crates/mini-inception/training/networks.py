"""The student (a half-width Inception) and the teacher (BVLC GoogLeNet, read from its ONNX file)."""
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper

# Channels of each block: 1x1; 3x3 reduction, 3x3; 5x5 reduction, 5x5; projection after pooling.
BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}
POOLED = ("3b", "4e")  # blocks followed by a pooling
TAPS = ("conv2", *BLOCKS)  # where the student imitates


def teacher_channels(tap):
    return 192 if tap == "conv2" else sum(BLOCKS[tap][i] for i in (0, 2, 4, 5))


def halve_size(x):
    return F.max_pool2d(x, 3, 2, ceil_mode=True)


def conv(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Block(nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        one, reduce3, three, reduce5, five, pool = channels
        self.one = conv(inputs, one, 1)
        self.three = nn.Sequential(conv(inputs, reduce3, 1), conv(reduce3, three, 3))
        self.five = nn.Sequential(conv(inputs, reduce5, 1), conv(reduce5, five, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inputs, pool, 1))
        self.outputs = one + three + five + pool

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


class Student(nn.Module):
    """Input: RGB, (pixel - 117) / 58. Returns {tap: activation, "fc": logits}."""

    def __init__(self, width=0.5, classes=1000):
        super().__init__()
        scale = lambda c: max(8, round(c * width / 8) * 8)
        self.width, self.conv1 = width, conv(3, scale(64), 7, 2)
        self.conv2 = nn.Sequential(conv(scale(64), scale(64), 1), conv(scale(64), scale(192), 3))
        self.blocks, self.channels = nn.ModuleDict(), {"conv2": scale(192)}
        inputs = scale(192)
        for name, channels in BLOCKS.items():
            self.blocks[name] = Block(inputs, [scale(c) for c in channels])
            inputs = self.channels[name] = self.blocks[name].outputs
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x, until=None):
        found = {"conv2": self.conv2(halve_size(self.conv1(x)))}
        x = halve_size(found["conv2"])
        for name, block in self.blocks.items():
            x = found[name] = block(x)
            if name == until:
                return found
            if name in POOLED:
                x = halve_size(x)
        found["fc"] = self.classifier(x.mean((2, 3)))
        return found


class Teacher:
    """Input: RGB, 0-255. Returns {tap: value before the activation, "fc": logits}."""

    def __init__(self, path):
        weights = onnx.load(path).graph.initializer
        self.weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in weights}

    def conv(self, x, name, stride=1):
        weight = self.weights[name + "_w"].to(x.dtype)
        return F.conv2d(x, weight, self.weights[name + "_b"].to(x.dtype), stride, weight.shape[2] // 2)

    def __call__(self, x):
        conv, norm = self.conv, lambda x: F.local_response_norm(x.float(), 5, 1e-4, .75, 1.).to(x.dtype)
        x = x.flip(1) - torch.tensor([104., 117., 123.]).view(1, 3, 1, 1)
        x = norm(halve_size(F.relu(conv(x, "conv1/7x7_s2", 2))))
        found = {"conv2": conv(F.relu(conv(x, "conv2/3x3_reduce")), "conv2/3x3")}
        x = halve_size(norm(F.relu(found["conv2"])))
        for name in BLOCKS:
            at = f"inception_{name}/"
            found[name] = torch.cat([
                conv(x, at + "1x1"),
                conv(F.relu(conv(x, at + "3x3_reduce")), at + "3x3"),
                conv(F.relu(conv(x, at + "5x5_reduce")), at + "5x5"),
                conv(F.max_pool2d(x, 3, 1, 1), at + "pool_proj")], 1)
            x = F.relu(found[name])
            if name in POOLED:
                x = halve_size(x)
        found["fc"] = F.linear(x.mean((2, 3)).float(), self.weights["loss3/classifier_w"], self.weights["loss3/classifier_b"])
        return found
