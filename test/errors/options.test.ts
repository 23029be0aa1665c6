import { describe, expect, it } from 'vitest'
import {
  allGather,
  axisIndex,
  customJvp,
  customVjp,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearTranspose,
  losses,
  nn,
  np,
  optim,
  pmean,
  psum,
  random,
  scope,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from 'adjoint'
import type { Tensor } from 'adjoint'
import { thrown, untyped } from './thrown.js'

const x = np.ones([2, 3])

describe('argnums', () => {
  it('out of range', () =>
    expect(thrown(() => grad((a) => np.sum(a), { argnums: untyped(1) })(x))).toMatchInlineSnapshot(`
    "ValueError: grad: argnums 1 is out of range: the function was called with 1 argument
      try: positions from 0 to 0"
  `))
  it('negative', () =>
    expect(thrown(() => grad((a, b) => np.sum(np.mul(a, b)), { argnums: [0, -1] })(x, x))).toMatchInlineSnapshot(`
    "ValueError: grad: argnums -1 is out of range: the function was called with 2 arguments
      try: positions from 0 to 1"
  `))
  it('of a Jacobian', () =>
    expect(thrown(() => jacfwd(np.sin, { argnums: untyped(2) })(x))).toMatchInlineSnapshot(`
    "ValueError: jacfwd: argnums 2 is out of range: the function was called with 1 argument
      try: positions from 0 to 0"
  `))
  it('twice the same', () =>
    expect(thrown(() => hessian((a, b) => np.sum(np.mul(a, b)), { argnums: untyped([0, 0]) })(x, x))).toMatchInlineSnapshot(`
    "ValueError: hessian: argnums [0, 0] name an argument twice
      try: every position once"
  `))
  it.each([
    ['vjp', () => vjp(untyped(np.sum), x, { hasAux: true })],
    ['jvp', () => jvp(untyped(np.sum), [x], [x], { hasAux: true })],
    ['jacrev', () => jacrev(untyped(np.sum), { hasAux: true })(x)],
    ['jacfwd', () => jacfwd(untyped(np.sum), { hasAux: true })(x)],
  ])('hasAux without aux: %s', (name, call) => {
    expect(thrown(call)).toBe(
      `ValueError: ${name}: with hasAux the function must return [y, aux]\n  try: return [y, aux]; or leave hasAux out`,
    )
  })
  it('hasAux without aux', () =>
    expect(thrown(() => valueAndGrad(untyped(np.sum), { hasAux: true })(x))).toMatchInlineSnapshot(`
    "ValueError: valueAndGrad: with hasAux the function must return [loss, aux]
      try: return [loss, aux]; or leave hasAux out"
  `))
})

describe('jit', () => {
  it('static and donated', () =>
    expect(thrown(() => jit(np.add, { static: [0], donate: [0, 1] }))).toMatchInlineSnapshot(`
    "ValueError: jit: argument 0 is both static and donated
      try: donate tensors, keep configuration static"
  `))
  it('positions that are none', () =>
    expect([thrown(() => jit(np.sin, { static: [-1] })), thrown(() => jit(np.sin, { donate: [0.5] }))]).toMatchInlineSnapshot(`
    [
      "ValueError: jit: static lists positions of arguments, got [-1]
      try: integers from 0",
      "ValueError: jit: donate lists positions of arguments, got [0.5]
      try: integers from 0",
    ]
  `))
  it('positions beyond the arguments', () =>
    expect(thrown(() => jit(np.sin, { donate: [1] })(x))).toMatchInlineSnapshot(`
    "ValueError: jit: donate names argument 1, but the function was called with 1 argument
      try: positions count from 0"
  `))
})

describe('vmap', () => {
  it('inAxes: too many', () =>
    expect(thrown(() => vmap(np.sin, { inAxes: untyped([0, 0]) })(x))).toMatchInlineSnapshot(`
    "ValueError: vmap: inAxes has 2 entries for 1 argument
      try: one axis, null or tree of them per argument"
  `))
  it('inAxes: out of range', () =>
    expect(thrown(() => vmap(np.sin, { inAxes: 2 })(x))).toMatchInlineSnapshot(`
    "ShapeError: vmap: inAxes is 2, but leaf 0 has 2 axes
      x0: float32[2,3]
      try: inAxes: null for arguments shared by the whole batch"
  `))
  it('inAxes: deeper than the tree', () =>
    expect(thrown(() => vmap(untyped(np.sin), { inAxes: untyped([{ w: 0 }]) })(x))).toMatchInlineSnapshot(`
    "ValueError: vmap: inAxes.0 goes deeper than the tree it describes
      try: one axis, or null, for each leaf at most"
  `))
  it('inAxes: an unknown key', () =>
    expect(
      thrown(() =>
        vmap(
          untyped((p: { w: never }) => p.w),
          { inAxes: untyped([{ v: 0 }]) },
        )(untyped({ w: x })),
      ),
    ).toMatchInlineSnapshot(`
    "ValueError: vmap: inAxes.0 names 'v', which the tree does not have
      try: keys of the tree: w"
  `))
  it('inAxes: no axis at all', () =>
    expect(thrown(() => vmap(np.sin, { inAxes: null })(x))).toMatchInlineSnapshot(`
    "ValueError: vmap: no argument is batched
      try: inAxes with at least one axis, or axisSize"
  `))
  it('outAxes: out of range', () =>
    expect(thrown(() => vmap(np.sin, { outAxes: 3 })(x))).toMatchInlineSnapshot(`
    "ShapeError: vmap: outAxes is 3, but leaf 0 has 2 axes
      x0: float32[2,3]
      try: an axis from -2 to 1"
  `))
  it('outAxes: null for a batched result', () =>
    expect(thrown(() => vmap(np.sin, { outAxes: null })(x))).toMatchInlineSnapshot(`
    "ValueError: vmap: outAxes is null for a result that depends on the batch
      y: float32[2,3]
      try: an axis for it"
  `))
  it('outAxes: a tree of another shape', () =>
    expect(thrown(() => vmap((r) => [r, r], { outAxes: untyped([0, 0, 0]) })(x))).toMatchInlineSnapshot(`
    "ValueError: vmap: outAxes has 3 entries for 2 values
      try: one axis or null for each"
  `))
  it('axisSize contradicts the arguments', () =>
    expect(thrown(() => vmap(np.sin, { axisSize: 3 })(x))).toMatchInlineSnapshot(`
    "ShapeError: vmap: batch sizes differ: 3 and 2 (axis 0 of leaf 0)
      x0: float32[2,3]
      try: inAxes: null for arguments shared by the whole batch"
  `))
})

describe('collectives outside their axis', () => {
  it('psum', () =>
    expect(thrown(() => psum(x, 'batch'))).toMatchInlineSnapshot(`
      "TraceError: psum: no axis is named 'batch' here
        try: vmap(f, { axisName: 'batch' })"
    `))
  it('pmean, another name', () =>
    expect(thrown(() => vmap((r) => pmean(r, 'batch'), { axisName: 'rows' })(x))).toMatchInlineSnapshot(`
      "TraceError: pmean: no axis is named 'batch' here
        try: vmap(f, { axisName: 'batch' })"
    `))
  it('allGather and axisIndex', () =>
    expect([thrown(() => allGather(x, 'i')), thrown(() => axisIndex('i'))]).toMatchInlineSnapshot(`
      [
        "TraceError: allGather: no axis is named 'i' here
        try: vmap(f, { axisName: 'i' })",
        "TraceError: axisIndex: no axis is named 'i' here
        try: vmap(f, { axisName: 'i' })",
      ]
    `))
})

describe('rules given by the user', () => {
  const rounded = customVjp((v) => np.round(v), { fwd: (v) => [np.round(v), null], bwd: (_, c) => [np.mul(c, c)] })
  it('reverse mode of a nonlinear bwd works', () =>
    expect(grad((v) => np.sum(rounded(v)))(x).toArray()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]))
  it('forward mode of a nonlinear bwd does not', () =>
    expect(thrown(() => jvp(rounded, [x], [x]))).toMatchInlineSnapshot(`
    "NonlinearError: the bwd rule of customVjp is not linear: mul multiplies two linear arguments
      x0: float32[2,3]   x1: float32[2,3]
      try: a rule that is linear in the tangents (cotangents); reverse mode of a customVjp still works"
  `))
  it('bwd returns a wrong number of cotangents', () =>
    expect(thrown(() => grad(customVjp((v) => np.sum(v), { fwd: (v) => [np.sum(v), null], bwd: () => [] }))(x))).toMatchInlineSnapshot(`
      "ValueError: customVjp: bwd must return an array of 1 cotangents, one per argument
        try: [cotangent] for one argument; null for an argument without derivative"
    `))
  it('bwd returns a cotangent of another shape', () =>
    expect(thrown(() => grad(customVjp((v) => np.sum(v), { fwd: (v) => [np.sum(v), null], bwd: (_, c) => [c] }))(x)))
      .toMatchInlineSnapshot(`
      "ShapeError: customVjp: the cotangent of argument 0: shapes differ: [] given, [2,3] needed
        given: float32[]   value: float32[2,3]
        try: a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape"
    `))
  it('bwd returns a cotangent of another structure', () =>
    expect(thrown(() => grad(customVjp((v) => np.sum(v), { fwd: (v) => [np.sum(v), null], bwd: (_, c) => [[c]] }))(x)))
      .toMatchInlineSnapshot(`
      "TreeError: customVjp: the cotangent of argument 0: trees differ at the root: * and [*]
        first: *   other: [*]
        try: trees with the same keys, lengths and empty places"
    `))
  it('fwd returns no residuals', () =>
    expect(thrown(() => grad(customVjp((v) => np.sum(v), { fwd: untyped((v: never) => np.sum(v)), bwd: (_, c) => [c] }))(x)))
      .toMatchInlineSnapshot(`
      "ValueError: customVjp: fwd must return [value, residuals]
        try: [value, null] when bwd needs nothing"
    `))
  it('the rule of customJvp returns no tangent', () =>
    expect(
      thrown(() =>
        jvp(
          customJvp(
            np.sin,
            untyped(([v]: [never]) => np.sin(v)),
          ),
          [x],
          [x],
        ),
      ),
    ).toMatchInlineSnapshot(`
      "ValueError: customJvp: the rule must return [value, tangent]
        try: ([x], [dx]) => [f(x), df(x, dx)]"
    `))
  it('the rule of customJvp returns a tangent of another shape', () =>
    expect(
      thrown(() =>
        jvp(
          customJvp(np.sin, ([v], [d]) => [np.sin(v), np.sum(d)]),
          [x],
          [x],
        ),
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError: customJvp: the tangent: shapes differ: [] given, [2,3] needed
        given: float32[]   value: float32[2,3]
        try: a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape"
    `))
  it('linearTranspose of a nonlinear function', () =>
    expect(thrown(() => linearTranspose(np.sin, x))).toMatchInlineSnapshot(`
    "NonlinearError: linearTranspose: the function is not linear: sin is not linear in its argument
      x0: float32[2,3]
      try: a linear function; linearize(f, x)[1] is the derivative of any other"
  `))
  it('linearTranspose of an affine function', () =>
    expect(thrown(() => linearTranspose((v) => np.add(v, 1), x))).toMatchInlineSnapshot(`
    "NonlinearError: linearTranspose: the function is not linear: add adds a constant
      x0: float32[2,3]   x1: float32*[2,3]
      try: a linear function; linearize(f, x)[1] is the derivative of any other"
  `))
  it('whileLoop in reverse mode', () =>
    expect(
      thrown(() =>
        grad((v) =>
          whileLoop(
            (s) => np.less(s, 10),
            (s) => np.mul(s, 2),
            v,
          ),
        )(np.array(1)),
      ),
    ).toMatchInlineSnapshot(`
      "TraceError: whileLoop: reverse mode needs the number of iterations to be known, to keep what each one computes
        try: foriLoop with number bounds, or scan; or forward mode: jvp, jacfwd"
    `))
})

describe('values that JavaScript lets through', () => {
  it('shapes', () =>
    expect([
      thrown(() => np.zeros(untyped(undefined))),
      thrown(() => np.reshape(x, untyped('6'))),
      thrown(() => np.ones(untyped(np.array(2)))),
    ]).toMatchInlineSnapshot(`
    [
      "ValueError: zeros: shape must be a list of sizes, or one size, got undefined
      try: [2, 3]; [] for a scalar",
      "ValueError: reshape: shape must be a list of sizes, or one size, got the string '6'
      try: [2, 3]; [] for a scalar",
      "ValueError: ones: shape must be a list of sizes, or one size, got a tensor float32[]
      try: [2, 3]; [] for a scalar",
    ]
  `))
  it('fractional indices', () =>
    expect([thrown(() => np.take(x, [0.5])), thrown(() => np.take(x, new Float32Array([0, 1.5])))]).toMatchInlineSnapshot(`
    [
      "DTypeError: take: indices must be integers, got fractions
      try: Math.floor or Math.round of them",
      "DTypeError: take: indices must be integers, got fractions
      try: Math.floor or Math.round of them",
    ]
  `))
  it('positions of jit as a number', () =>
    expect(thrown(() => jit(np.sin, { static: untyped(0) }))).toMatchInlineSnapshot(`
    "ValueError: jit: static is a list of positions of arguments, got 0
      try: [0]"
  `))
  it('bounds of foriLoop', () =>
    expect(thrown(() => foriLoop(0, 2.5, (_, s: Tensor) => s, x))).toMatchInlineSnapshot(`
      "ValueError: foriLoop: upper must be a whole number, got 2.5
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
  it('axisSize', () =>
    expect(thrown(() => vmap(() => 1, { axisSize: -1 })())).toMatchInlineSnapshot(`
      "ValueError: vmap: axisSize must be a whole number from 0, got -1
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
  it('a reduction of a loss', () =>
    expect(thrown(() => losses.meanSquaredError(x, x, { reduction: untyped('avg') }))).toMatchInlineSnapshot(`
    "ValueError: meanSquaredError: reduction must be one of 'mean', 'sum', 'batchMean', 'none', got the string 'avg'
      try: 'mean' or 'sum' or 'batchMean' or 'none'"
  `))
  it('parameters of another model', () =>
    expect([
      thrown(() => nn.sequential(nn.dense(2, 3), nn.relu).apply(untyped(undefined))(x)),
      thrown(() => nn.sequential(nn.dense(2, 3), nn.relu).apply(untyped([null]))(x)),
    ]).toMatchInlineSnapshot(`
      [
        "ValueError: sequential: params must be a tree of tensors, got undefined
        try: the parameters of this very layer: layer.init(key)",
        "TreeError: sequential: the parameters are 1 entries for 2 layers
        layers: dense, relu
        try: the parameters of this very model: model.init(key)",
      ]
    `))
  it('too many indices, an index out of range', () =>
    expect([thrown(() => np.index(x, 0, 0, 0)), thrown(() => np.index(x, -3))]).toMatchInlineSnapshot(`
    [
      "ShapeError: index: [0, 0, 0] has 3 indices for 2 axes
      x: [2,3]
      try: one index per axis; null inserts an axis",
      "ShapeError: index: -3 is out of range for axis 0 of size 2
      x: [2,3]
      try: an index from -2 to 1",
    ]
  `))
  it('joining', () =>
    expect([
      thrown(() => np.concatenate([x, np.ones([3, 2])])),
      thrown(() => np.stack([x, np.ones([3])])),
      thrown(() => np.concatenate([])),
    ]).toMatchInlineSnapshot(`
    [
      "ShapeError: concatenate: sizes differ off axis 0: [2,3] (x) and [3,2] (y)
      x: float32[2,3]   y: float32[3,2]
      try: equal sizes on every axis but 0; np.stack for a new axis",
      "ShapeError: stack: shapes differ: [2,3] (x) and [3] (y)
      x: float32[2,3]   y: float32[3]
      try: tensors of one shape; np.concatenate joins along an axis they have",
      "ValueError: concatenate: nothing to join
      try: at least one tensor",
    ]
  `))
})

describe('schedules and generators', () => {
  it('steps', () =>
    expect(thrown(() => optim.linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 0 }))).toMatchInlineSnapshot(`
      "ValueError: linearSchedule: transitionSteps must be a number above 0, got 0
        try: a positive number"
    `))
  it('boundaries', () =>
    expect(thrown(() => optim.joinSchedules([optim.constantSchedule(1)], [10]))).toMatchInlineSnapshot(
      `"ValueError: joinSchedules: 1 schedules need 0 boundaries, got 1"`,
    ))
  it('choice without replacement', () =>
    expect(thrown(() => random.choice(random.key(0), 3, [4], { replace: false }))).toMatchInlineSnapshot(`
    "ValueError: choice: 4 draws without replacement from 3
      try: replace: true"
  `))
})

describe('scopes', () => {
  it('of layers', () => {
    const mlp = nn.named('mlp', nn.sequential(nn.dense(784, 256), nn.dense(255, 10)))
    expect(thrown(() => mlp.apply(mlp.init(random.key(0)))(np.zeros([32, 784])))).toMatchInlineSnapshot(`
      "ShapeError: matmul: inner dimensions differ: 256 (x axis 1) and 255 (w axis 0)
        x: float32[32,256]   w: float32[255,10]
        in: mlp / dense[1] / matmul
        try: w of shape [256, n]"
    `)
  })
  it('of the user, under every transform', () => {
    const f = (v: never) => scope('encoder', () => scope('attention', () => np.add(v, np.ones([4]))))
    const text = thrown(() => f(untyped(x)))
    expect(text).toMatchInlineSnapshot(`
      "ShapeError: add: sizes do not broadcast: 3 (x axis 1) and 4 (y axis 0)
        x: float32[2,3]   y: float32[4]
        in: encoder / attention / add
        try: sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1"
    `)
    expect(thrown(() => jit(f)(untyped(x)))).toBe(text)
    expect(thrown(() => jvp(f, [untyped(x)], [untyped(x)]))).toBe(text)
    expect(thrown(() => grad(f)(untyped(x)))).toBe(text)
  })
  it('are left when something throws', () => {
    thrown(() => scope('broken', () => np.add(x, np.ones([4]))))
    expect(thrown(() => np.add(x, np.ones([4])))).not.toContain('in:')
  })
})
