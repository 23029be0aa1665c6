import { describe, expect, it } from 'vitest'
import { grad, lax, losses, nn, np, random, vmap } from 'adjoint'
import { thrown, untyped } from './thrown.js'

const f32 = (...shape: number[]) => np.zeros(shape)

describe('products', () => {
  it('inner dimensions', () =>
    expect(thrown(() => np.matmul(f32(32, 784), f32(783, 10)))).toMatchInlineSnapshot(`
    "ShapeError: matmul: inner dimensions differ: 784 (x axis 1) and 783 (w axis 0)
      x: float32[32,784]   w: float32[783,10]
      try: w of shape [784, n]"
  `))
  it('a transposed weight', () =>
    expect(thrown(() => np.matmul(f32(32, 784), f32(10, 784)))).toMatchInlineSnapshot(`
    "ShapeError: matmul: inner dimensions differ: 784 (x axis 1) and 10 (w axis 0)
      x: float32[32,784]   w: float32[10,784]
      try: w of shape [784, n]; or np.transpose(w)"
  `))
  it('a vector', () =>
    expect(thrown(() => np.matmul(f32(3), f32(4)))).toMatchInlineSnapshot(`
    "ShapeError: matmul: inner dimensions differ: 3 (x axis 0) and 4 (w axis 0)
      x: float32[3]   w: float32[4]
      try: w with 3 elements on axis 0"
  `))
  it('batch sizes', () =>
    expect(thrown(() => np.matmul(f32(2, 3, 4), f32(5, 4, 6)))).toMatchInlineSnapshot(`
    "ShapeError: matmul: batch sizes do not broadcast: 2 (x axis 0) and 5 (w axis 0)
      x: float32[2,3,4]   w: float32[5,4,6]
      try: batch sizes that are equal or 1; np.einsum for other pairings"
  `))
  it('scalars', () =>
    expect(thrown(() => np.matmul(2, f32(3, 3)))).toMatchInlineSnapshot(`
    "ShapeError: matmul: scalars are not matrices
      x: float32*[]   w: float32[3,3]
      try: np.mul"
  `))
  it('dot', () =>
    expect(thrown(() => np.dot(f32(3), f32(2)))).toMatchInlineSnapshot(`
    "ShapeError: dot: inner dimensions differ: 3 (x axis 0) and 2 (w axis 0)
      x: float32[3]   w: float32[2]
      try: w with 3 elements on axis 0"
  `))
  it('inner', () =>
    expect(thrown(() => np.inner(f32(2, 3), f32(2, 4)))).toMatchInlineSnapshot(`
    "ShapeError: inner: inner dimensions differ: 3 (x axis 1) and 4 (w axis 1)
      x: float32[2,3]   w: float32[2,4]
      try: w of shape [n, 3]"
  `))
  it('tensordot', () =>
    expect(thrown(() => np.tensordot(f32(2, 3), f32(4, 5), { axes: 1 }))).toMatchInlineSnapshot(`
    "ShapeError: tensordot: inner dimensions differ: 3 (x axis 1) and 4 (w axis 0)
      x: float32[2,3]   w: float32[4,5]
      try: w of shape [3, n]"
  `))
  it('einsum sizes', () =>
    expect(thrown(() => np.einsum('ij,jk->ik', f32(2, 3), f32(4, 5)))).toMatchInlineSnapshot(`
    "ShapeError: einsum: 'ij,jk->ik': sizes of 'j' differ: 3 (operand 0 axis 1) and 4 (operand 1 axis 0)
      x0: float32[2,3]   x1: float32[4,5]"
  `))
  it('einsum axes', () =>
    expect(thrown(() => np.einsum('ijk->i', f32(2, 3)))).toMatchInlineSnapshot(`
    "ShapeError: einsum: 'ijk->i': operand 0 has 2 axes, 'ijk' names 3
      try: one letter per axis, or ... for the others"
  `))
  it('einsum output', () =>
    expect(thrown(() => np.einsum('ij->k', f32(2, 3)))).toMatchInlineSnapshot(
      `"ValueError: einsum: 'ij->k': 'k' of the result is in no operand"`,
    ))
})

describe('broadcasting', () => {
  it('two operands', () =>
    expect(thrown(() => np.add(f32(2, 3), f32(4, 3)))).toMatchInlineSnapshot(`
    "ShapeError: add: sizes do not broadcast: 2 (x axis 0) and 4 (y axis 0)
      x: float32[2,3]   y: float32[4,3]
      try: sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1"
  `))
  it('aligned from the last axis', () =>
    expect(thrown(() => np.mul(f32(32, 10), f32(32)))).toMatchInlineSnapshot(`
    "ShapeError: mul: sizes do not broadcast: 10 (x axis 1) and 32 (y axis 0)
      x: float32[32,10]   y: float32[32]
      try: sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1"
  `))
  it('three operands', () =>
    expect(thrown(() => np.where(np.zeros([2], { dtype: 'bool' }), f32(2), f32(3)))).toMatchInlineSnapshot(`
    "ShapeError: where: sizes do not broadcast: 2 (condition axis 0) and 3 (y axis 0)
      condition: bool[2]   x: float32[2]   y: float32[3]
      try: sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1"
  `))
  it('broadcastTo a size', () =>
    expect(thrown(() => np.broadcastTo(f32(3), [2, 4]))).toMatchInlineSnapshot(`
    "ShapeError: broadcastTo: [3] does not broadcast to [2,4]: 3 (x axis 0) is neither 4 nor 1
      x: float32[3]
      try: sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1"
  `))
  it('broadcastTo fewer axes', () =>
    expect(thrown(() => np.broadcastTo(f32(2, 3), [3]))).toMatchInlineSnapshot(`
    "ShapeError: broadcastTo: [2,3] has more axes than [3]
      x: float32[2,3]
      try: np.sumTo sums the extra axes; np.reshape or np.squeeze removes those of size 1"
  `))
  it('sumTo', () =>
    expect(thrown(() => np.sumTo(f32(2, 3), [5]))).toMatchInlineSnapshot(`
    "ShapeError: sumTo: [5] does not broadcast to [2,3]
      x: float32[2,3]"
  `))
})

describe('shapes', () => {
  it('reshape', () =>
    expect(thrown(() => np.reshape(f32(2, 3), [4, 2]))).toMatchInlineSnapshot(`
    "ShapeError: reshape: 6 elements do not fill [4,2], which has 8
      x: float32[2,3]
      try: a shape of the same size; a size of -1 is inferred"
  `))
  it('reshape with an unknown size', () =>
    expect(thrown(() => np.reshape(f32(2, 3), [4, -1]))).toMatchInlineSnapshot(`
    "ShapeError: reshape: 6 elements do not divide into [4, -1]
      x: float32[2,3]
      try: sizes whose product divides 6"
  `))
  it('reshape with two unknown sizes', () =>
    expect(thrown(() => np.reshape(f32(2, 3), [-1, -1]))).toMatchInlineSnapshot(`
    "ShapeError: reshape: only one size can be -1, got [-1, -1]
      x: float32[2,3]
      try: every other size in numbers"
  `))
  it('a negative size', () =>
    expect(thrown(() => np.zeros([2, -1]))).toMatchInlineSnapshot(`
    "ShapeError: zeros: shape's sizes must be non-negative integers, got [2, -1]
      try: Math.floor of a fraction; np.reshape alone infers a size of -1"
  `))
  // What stands in brackets is the backend's word.
  it('a size beyond memory', () =>
    expect(thrown(() => np.zeros([1e9, 1e9])).replace(/\((?:wasm: memory is full: .*|Invalid typed array length: .*)\)$/m, '(...)'))
      .toMatchInlineSnapshot(`
      "DeviceError: broadcast: there is no memory for its result (...)
        result: float32[1000000000,1000000000]
        try: evalShape to see shapes without computing; smaller batches, checkpoint in the reverse pass, or donated arguments"
    `))
  it('a fractional size', () =>
    expect(thrown(() => np.ones([1.5]))).toMatchInlineSnapshot(`
    "ShapeError: ones: shape's sizes must be non-negative integers, got [1.5]
      try: Math.floor of a fraction; np.reshape alone infers a size of -1"
  `))
  it('squeeze', () =>
    expect(thrown(() => np.squeeze(f32(2, 3), { axis: 0 }))).toMatchInlineSnapshot(`
    "ShapeError: squeeze: axis 0 has size 2, not 1
      x: float32[2,3]
      try: np.reshape; or np.sum, which removes an axis of any size"
  `))
  it('transpose', () =>
    expect(thrown(() => np.transpose(f32(2, 3), [0, 0]))).toMatchInlineSnapshot(`
    "ShapeError: transpose: [0, 0] is not a permutation of the 2 axes
      x: float32[2,3]"
  `))
  it('ragged rows', () =>
    expect(thrown(() => np.array([[1, 2], [3]]))).toMatchInlineSnapshot(`
    "ShapeError: array: x is ragged: x[0] has shape [2], x[1] has [1]
      try: rows of equal length; pad them, or keep them in a tree"
  `))
  it('ragged depths', () =>
    expect(
      thrown(() =>
        np.array([
          [[1], [2]],
          [[3], 4],
        ]),
      ),
    ).toMatchInlineSnapshot(`
    "ShapeError: array: x[1] is ragged: x[1][0] has shape [1], x[1][1] has []
      try: rows of equal length; pad them, or keep them in a tree"
  `))
})

describe('axes', () => {
  it('out of range', () =>
    expect(thrown(() => np.sum(f32(2, 3), { axis: 2 }))).toMatchInlineSnapshot(`
    "ShapeError: sum: axis 2 is out of range for 2 dimensions
      x: float32[2,3]
      try: an axis from -2 to 1"
  `))
  it('of a scalar', () =>
    expect(thrown(() => np.sum(1, { axis: 0 }))).toMatchInlineSnapshot(`
    "ShapeError: sum: axis 0 is out of range for 0 dimensions
      x: float32*[]
      try: a scalar has no axes; leave axis out"
  `))
  it('negative', () =>
    expect(thrown(() => np.max(f32(2, 3), { axis: -3 }))).toMatchInlineSnapshot(`
    "ShapeError: max: axis -3 is out of range for 2 dimensions
      x: float32[2,3]
      try: an axis from -2 to 1"
  `))
  it('twice', () =>
    expect(thrown(() => np.mean(f32(2, 3), { axis: [0, -2] }))).toMatchInlineSnapshot(`
    "ShapeError: mean: duplicate axis in [0, -2]
      x: float32[2,3]
      try: every axis once"
  `))
  it('fractional', () =>
    expect(thrown(() => np.sum(f32(2, 3), { axis: 0.5 }))).toMatchInlineSnapshot(`
    "ShapeError: sum: axis 0.5 is out of range for 2 dimensions
      x: float32[2,3]
      try: an axis from -2 to 1"
  `))
  it('softmax', () =>
    expect(thrown(() => nn.softmax(f32(3), { axis: 1 }))).toMatchInlineSnapshot(`
    "ShapeError: softmax: axis 1 is out of range for 1 dimension
      x: float32[3]
      try: an axis from -1 to 0"
  `))
})

describe('empty reductions', () => {
  it('max', () =>
    expect(thrown(() => np.max(f32(0)))).toMatchInlineSnapshot(`
    "ShapeError: max: the max of no elements is undefined
      x: float32[0]
      try: initial: the value of nothing; or check x.size first"
  `))
  it('min along an empty axis', () =>
    expect(thrown(() => np.min(f32(2, 0), { axis: 1 }))).toMatchInlineSnapshot(`
    "ShapeError: min: the min of no elements is undefined
      x: float32[2,0]
      try: initial: the value of nothing; or check x.size first"
  `))
  it('argmax', () =>
    expect(thrown(() => np.argmax(f32(0)))).toMatchInlineSnapshot(`
    "ShapeError: argmax: the argmax of no elements is undefined
      x: float32[0]
      try: check x.size first"
  `))
  it('argmin along an empty axis', () =>
    expect(thrown(() => np.argmin(f32(2, 0), { axis: 1 }))).toMatchInlineSnapshot(`
    "ShapeError: argmin: the argmin of no elements is undefined
      x: float32[2,0]
      try: check x.size first"
  `))
})

describe('convolution and pooling', () => {
  it('output size, with its formula', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 4, 8), f32(2, 3, 7, 3)))).toMatchInlineSnapshot(`
      "ShapeError: conv: output height is (4 + 2*0 - 7)/1 + 1 = -2
        x: float32[1,3,4,8]   w: float32[2,3,7,3]
        try: a window that spans at most 4 there, or 3 more padding"
    `))
  it('output size of a padded, strided, dilated convolution', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 8, 4), f32(2, 3, 3, 5), { padding: 1, strides: 2, rhsDilation: [1, 2] })))
      .toMatchInlineSnapshot(`
      "ShapeError: conv: output width is (4 + 2*1 - ((5 - 1)*2 + 1))/2 + 1 = -1
        x: float32[1,3,8,4]   w: float32[2,3,3,5]
        try: a window that spans at most 6 there, or 3 more padding"
    `))
  it('channels', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 8, 8), f32(2, 4, 3, 3)))).toMatchInlineSnapshot(`
    "ShapeError: conv: channels differ: 3 (x axis 1) and 4 (w axis 1)
      x: float32[1,3,8,8]   w: float32[2,4,3,3]
      try: w of shape [2, 3, 3, 3]"
  `))
  it('groups', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 8, 8), f32(2, 1, 3, 3), { groups: 2 }))).toMatchInlineSnapshot(`
    "ShapeError: conv: 3 channels in and 2 out do not divide into 2 groups
      x: float32[1,3,8,8]   w: float32[2,1,3,3]"
  `))
  it('axes', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(3, 8, 8), f32(2, 3, 3, 3)))).toMatchInlineSnapshot(`
    "ShapeError: conv: x has 3 axes and w has 4
      x: float32[3,8,8]   w: float32[2,3,3,3]
      try: x of shape [N, C, spatial...], w of shape [O, C / groups, window...]"
  `))
  it('strides', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 8, 8), f32(2, 3, 3, 3), { strides: 0 }))).toMatchInlineSnapshot(`
      "ValueError: convGeneralDilated: strides must be a whole number from 1, or a list, each entry a whole number from 1, got 0
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
  it('padding', () =>
    expect(thrown(() => lax.convGeneralDilated(f32(1, 3, 8, 8), f32(2, 3, 3, 3), { padding: untyped('full') }))).toMatchInlineSnapshot(`
      "ValueError: convGeneralDilated: padding must be 'SAME', 'VALID', a whole number, or a list of [before, after] per axis, got the string 'full'
        try: 'SAME' keeps sizes, 'VALID' pads nothing"
    `))
  it('a window larger than the image', () =>
    expect(thrown(() => lax.reduceWindow(f32(2, 5), 'max', { window: [3, 3] }))).toMatchInlineSnapshot(`
    "ShapeError: windowMax: output size 0 is (2 + 2*0 - 3)/1 + 1 = 0
      x: float32[2,5]
      try: a window that spans at most 2 there, or 1 more padding"
  `))
})

describe('layers', () => {
  it('unknown input size', () =>
    expect(thrown(() => nn.dense(10).init(random.key(0)))).toMatchInlineSnapshot(`
    "ShapeError: dense: the input size is unknown
      try: dense(in, out), or init(key, inputShape)"
  `))
  it('sizes that are no sizes', () =>
    expect(thrown(() => nn.dense(784, 0))).toMatchInlineSnapshot(`
      "ValueError: dense: outputs must be a whole number from 1, got 0
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
})

describe('a loss that is not a scalar', () => {
  it('grad', () =>
    expect(thrown(() => grad((x) => np.mul(x, 2))(f32(3)))).toMatchInlineSnapshot(`
    "ShapeError: grad: the function returned shape [3]; a gradient needs a scalar
      loss: float32[3]
      try: np.sum or np.mean of the result; or vjp, jacrev, vmap(grad(f))"
  `))
  it('a tree', () =>
    expect(thrown(() => grad(untyped(() => ({ loss: 1, accuracy: 2 })))(f32(3)))).toMatchInlineSnapshot(`
    "ShapeError: grad: the function returned a tree of 2 leaves; a gradient needs one scalar
      returned: {loss: *, accuracy: *}
      try: return the scalar loss, or [loss, aux] with hasAux; vjp and jacrev differentiate trees"
  `))
  it('labels of another batch', () =>
    expect(thrown(() => losses.softmaxCrossEntropy(f32(4, 10), f32(3, 10)))).toMatchInlineSnapshot(`
      "ShapeError: softmaxCrossEntropy: labels of shape [3,10] do not fit logits of shape [4,10]
        logits: float32[4,10]   labels: float32[3,10]
        try: class numbers int32[4], or probabilities float32[4,10]"
    `))
})

describe('batches', () => {
  it('sizes differ', () =>
    expect(thrown(() => vmap(np.add)(f32(3), f32(4)))).toMatchInlineSnapshot(`
    "ShapeError: vmap: batch sizes differ: 3 and 4 (axis 0 of leaf 1)
      x0: float32[3]   x1: float32[4]
      try: inAxes: null for arguments shared by the whole batch"
  `))
  it('no axis to map over', () =>
    expect(thrown(() => vmap(np.sin)(1))).toMatchInlineSnapshot(`
    "ShapeError: vmap: inAxes is 0, but leaf 0 has no axes
      x0: float32*[]
      try: inAxes: null for arguments shared by the whole batch"
  `))
})
