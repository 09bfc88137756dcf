# Makes the usual dynamic int8 file of a graph in floats: DynamicQuantizeLinear and MatMulInteger, weights with a sign, one scale for
# a matrix and one for all numbers that go into a product, which is what the makers of such files for transformers.js choose.
# Arguments: the graph, and the file to write.

import sys

import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

source, target = sys.argv[1:]
model = onnx.load(source)
weights = {each.name: each for each in model.graph.initializer}
for node in model.graph.node:
    # Of a fused product with a constant the quantizer knows nothing; as a plain one it takes it. Each matrix has one product.
    if node.op_type != "FusedMatMul" or node.input[1] not in weights:
        continue
    settings = {each.name: each.f if each.name == "alpha" else each.i for each in node.attribute}
    assert settings == {"alpha": 1.0, "transB": 1}, settings
    weight = weights[node.input[1]]
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).T.copy(), weight.name))
    node.op_type, node.domain = "MatMul", ""
    del node.attribute[:]
options = {"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
quantize_dynamic(model, target, weight_type=QuantType.QInt8, extra_options=options)
products = [node.op_type for node in onnx.load(target).graph.node].count("MatMulInteger")
assert products > 0, "no product was quantized"
