"""Writes the student as ONNX: python export.py student.pt labels.txt OUT  ->  OUT.onnx

Batch normalisation is folded into the convolutions, weights become int8 per output channel behind DequantizeLinear, and the file's
probabilities are compared with PyTorch's.
"""
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from networks import POOLED, Student

checkpoint, labels, out = sys.argv[1:4]
student = Student()
student.load_state_dict(torch.load(checkpoint))
student.eval()
nodes, initialisers = [], []


def constant(name, array):
    initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
    return name


def weights(name, array):
    """int8 weights with one scale per output channel; returns the name of the float tensor."""
    array = array.astype(np.float32)
    scale = np.abs(array).reshape(len(array), -1).max(1) / 127
    scale[scale == 0] = 1
    steps = np.round(array / scale.reshape(-1, *[1] * (array.ndim - 1)))
    parts = [constant(name + "_q", np.clip(steps, -127, 127).astype(np.int8)), constant(name + "_s", scale.astype(np.float32)), constant(name + "_z", np.zeros(len(array), np.int8))]
    nodes.append(helper.make_node("DequantizeLinear", parts, [name], name=name + "_dq", axis=0))
    return name


def node(op, inputs, name, **attributes):
    nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
    return name


def conv(x, layer, name):
    kernel, norm = layer[0], layer[1]
    factor = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
    weight = weights(name + "_w", (kernel.weight.detach() * factor.view(-1, 1, 1, 1)).numpy())
    bias = constant(name + "_b", (norm.bias - norm.running_mean * factor).detach().numpy())
    before = node("Conv", [x, weight, bias], name + "_pre", kernel_shape=list(kernel.kernel_size), strides=list(kernel.stride), pads=list(kernel.padding) * 2)
    return node("Relu", [before], name)


def pool(x, name, stride, pad, ceil):
    return node("MaxPool", [x], name, kernel_shape=[3, 3], strides=[stride] * 2, pads=[pad] * 4, ceil_mode=ceil)


x = pool(conv("data", student.conv1, "conv1/7x7_s2"), "pool1/3x3_s2", 2, 0, 1)
x = conv(conv(x, student.conv2[0], "conv2/3x3_reduce"), student.conv2[1], "conv2/3x3")
layers = [x]
x = pool(x, "pool2/3x3_s2", 2, 0, 1)
for name, block in student.blocks.items():
    at = f"inception_{name}/"
    parts = [
        conv(x, block.one, at + "1x1"),
        conv(conv(x, block.three[0], at + "3x3_reduce"), block.three[1], at + "3x3"),
        conv(conv(x, block.five[0], at + "5x5_reduce"), block.five[1], at + "5x5"),
        conv(pool(x, at + "pool", 1, 1, 0), block.pool[1], at + "pool_proj")]
    x = node("Concat", parts, at + "output", axis=1)
    layers.append(x)
    if name in POOLED:
        x = pool(x, f"pool{name[0]}/3x3_s2", 2, 0, 1)
x = node("Flatten", [node("GlobalAveragePool", [x], "pool5")], "pool5_flat", axis=1)
bias = constant("loss3/classifier_b", student.classifier.bias.detach().numpy())
x = node("Gemm", [x, weights("loss3/classifier_w", student.classifier.weight.detach().numpy()), bias], "loss3/classifier", transB=1)
node("Softmax", [x], "prob", axis=1)

image = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, "height", "width"])
probabilities = helper.make_tensor_value_info("prob", TensorProto.FLOAT, [1, 1000])
model = helper.make_model(helper.make_graph(nodes, "mini_inception", [image], [probabilities], initialisers), opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
helper.set_model_props(model, {
    "input_layout": "RGB", "input_mean": "117,117,117", "input_scale": repr(1 / 58), "labels": open(labels).read().strip(),
    "layers": "\n".join(layers), "default_layer": "inception_4e/output", "license": "MIT OR Apache-2.0",
    "source": "mini-inception, distilled from BVLC GoogLeNet by this project"})
onnx.checker.check_model(model)
onnx.save(model, out + ".onnx")
picture = torch.rand(1, 3, 160, 128) * 4 - 2
with torch.no_grad():
    expected = torch.softmax(student(picture)["fc"], 1).numpy()
found = onnxruntime.InferenceSession(out + ".onnx").run(None, {"data": picture.numpy()})[0]
print("largest difference of a probability:", abs(found - expected).max())
