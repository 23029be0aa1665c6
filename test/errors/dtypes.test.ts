import { describe, expect, it } from 'vitest'
import { configure, grad, hessian, jacfwd, jacrev, np, random, valueAndGrad } from 'adjoint'
import { bind, primitives } from 'adjoint/extend'
import { thrown, untyped } from './thrown.js'

const ints = np.array([1, 2], { dtype: 'int32' })
const floats = np.ones([2])

describe('dtypes', () => {
  it('an unknown name', () =>
    expect(thrown(() => np.zeros([2], { dtype: untyped('float16') }))).toMatchInlineSnapshot(`
      "DTypeError: zeros: dtype must be the name of a dtype, got the string 'float16'
        try: bool, uint32, int32, float32, float64"
    `))
  it('astype', () =>
    expect(thrown(() => np.astype(floats, untyped('f32')))).toMatchInlineSnapshot(`
    "DTypeError: astype: dtype must be the name of a dtype, got the string 'f32'
      try: bool, uint32, int32, float32, float64"
  `))
  it('typed arrays without a counterpart', () =>
    expect(thrown(() => np.array(untyped(new BigInt64Array(2))))).toMatchInlineSnapshot(`
    "DTypeError: array: a BigInt64Array has no counterpart among the dtypes
      try: one of bool, uint32, int32, float32, float64"
  `))
  it('data that is no data', () =>
    expect([thrown(() => np.array(untyped('1'))), thrown(() => np.array(untyped([1, null])))]).toMatchInlineSnapshot(`
    [
      "ValueError: array: x is the string '1'
      try: numbers, booleans, typed arrays, tensors, or arrays of them",
      "ValueError: array: x[1] is null
      try: numbers, booleans, typed arrays, tensors, or arrays of them",
    ]
  `))
  it('bits of floats', () =>
    expect(thrown(() => np.bitwiseAnd(floats, 1))).toMatchInlineSnapshot(`
    "DTypeError: bitwiseAnd: expected integers or booleans, got float32
      x: float32[2]
      try: np.astype(x, 'int32')"
  `))
  it('float indices', () =>
    expect(thrown(() => np.take(floats, untyped(np.array([0.5]))))).toMatchInlineSnapshot(`
    "DTypeError: take: indices must be integers, got float32
      indices: float32[1]
      try: np.array([...], { dtype: 'int32' }) or np.arange"
  `))
  it('an index out of range', () =>
    expect(thrown(() => np.take(floats, [2]))).toMatchInlineSnapshot(`
    "ShapeError: take: index 2 is out of range for 2 elements (x axis 0)
      try: an index from -2 to 1"
  `))
  it('a key that is none', () =>
    expect([thrown(() => random.normal(untyped(0), [2])), thrown(() => random.uniform(floats, [2]))]).toMatchInlineSnapshot(`
      [
        "DTypeError: normal: the first argument must be a key, got 0
        try: random.key(seed)",
        "DTypeError: uniform: the first argument must be a key, got a tensor float32[2]
        try: random.key(seed)",
      ]
    `))
  it('a seed that is no integer', () =>
    expect(thrown(() => random.key(0.5))).toMatchInlineSnapshot(`
      "ValueError: key: the seed must be a safe integer, got 0.5
        try: random.key(0)"
    `))
  it('random integers as floats', () =>
    expect(thrown(() => random.normal(random.key(0), [2], { dtype: 'int32' }))).toMatchInlineSnapshot(`
    "DTypeError: normal: draws are float32 or float64, not int32
      try: random.randint for integers"
  `))
})

describe('primitives neither promote nor broadcast', () => {
  it('dtypes', () =>
    expect(thrown(() => bind(primitives.add, [floats, ints], {}))).toMatchInlineSnapshot(`
    "DTypeError: add: operands differ in dtype: float32 and int32
      x: float32[2]   y: int32[2]
      try: np.add, which promotes"
  `))
  it('shapes', () =>
    expect(thrown(() => bind(primitives.add, [floats, np.ones([3])], {}))).toMatchInlineSnapshot(`
    "ShapeError: add: operands differ in shape: [2] and [3]
      x: float32[2]   y: float32[3]
      try: np.add, which broadcasts"
  `))
  it('kinds', () =>
    expect(thrown(() => bind(primitives.sin, [ints], {}))).toMatchInlineSnapshot(`
    "DTypeError: sin: needs float32 or float64, got int32
      x: int32[2]
      try: cast to 'float32' first"
  `))
})

describe('derivatives of integers', () => {
  it('grad', () =>
    expect(thrown(() => grad(np.sum)(ints))).toMatchInlineSnapshot(`
    "DTypeError: grad: argument 0 is int32; derivatives are with respect to float32 or float64
      x: int32[2]
      try: np.astype(x, 'float32'), or choose another argument with argnums"
  `))
  it('grad, inside a tree', () =>
    expect(thrown(() => grad((p: { w: never; n: never }) => np.sum(np.mul(p.w, p.n)))({ w: floats, n: ints } as never)))
      .toMatchInlineSnapshot(`
    "DTypeError: grad: argument 0 at 'n' is int32; derivatives are with respect to float32 or float64
      x: int32[2]
      try: np.astype(x, 'float32'), or choose another argument with argnums"
  `))
  it('grad, of a boolean', () =>
    expect(thrown(() => grad(untyped((x: never) => np.sum(x)))(untyped(true)))).toMatchInlineSnapshot(`
    "DTypeError: grad: argument 0 is true, which has no derivative
      try: another argument with argnums; static leaves within a tree are carried along"
  `))
  it('valueAndGrad, an integer loss', () =>
    expect(thrown(() => valueAndGrad((x) => np.astype(np.sum(x), 'int32'))(floats))).toMatchInlineSnapshot(`
    "DTypeError: valueAndGrad: the function returned int32; a gradient needs a float32 or float64 scalar
      loss: int32[]
      try: np.astype(loss, 'float32') before it becomes an integer"
  `))
  it('jacrev', () =>
    expect(thrown(() => jacrev(np.square)(ints))).toMatchInlineSnapshot(`
    "DTypeError: jacrev: argument 0 is int32; derivatives are with respect to float32 or float64
      x: int32[2]
      try: np.astype(x, 'float32'), or choose another argument with argnums"
  `))
  it('jacfwd, an integer result', () =>
    expect(thrown(() => jacfwd((x) => np.astype(x, 'int32'))(floats))).toMatchInlineSnapshot(`
    "DTypeError: jacfwd: the function returned int32; a Jacobian needs float32 or float64
      y: int32[2]
      try: return integers as aux, with hasAux"
  `))
  it('hessian', () =>
    expect(thrown(() => hessian(np.sum)(ints))).toMatchInlineSnapshot(`
    "DTypeError: hessian: argument 0 is int32; derivatives are with respect to float32 or float64
      x: int32[2]
      try: np.astype(x, 'float32'), or choose another argument with argnums"
  `))
})

describe('configuration', () => {
  it('an unknown backend', () =>
    expect(
      thrown(() => {
        configure({ backend: 'cuda' })
      }),
    ).toMatchInlineSnapshot(`
      "ValueError: configure: no backend is called cuda
        try: 'reference' or 'wasm'"
    `))
})
