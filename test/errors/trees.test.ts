import { describe, expect, it } from 'vitest'
import { cond, grad, jit, jvp, linearize, np, optim, scan, shapeDtype, switch_, tree, vjp, whileLoop } from 'adjoint'
import { thrown, untyped } from './thrown.js'

const one = np.ones([2])

describe('leaves that are none', () => {
  const leaves = (x: unknown) => thrown(() => tree.leaves(x))
  it('a Map', () =>
    expect(leaves({ layer: new Map([['w', one]]) })).toMatchInlineSnapshot(`
    "TreeError: tree: a Map at 'layer' is not a tensor, number, boolean, string, function, array or plain record
      try: Object.fromEntries(map)"
  `))
  it('a Set', () =>
    expect(leaves([new Set([one])])).toMatchInlineSnapshot(`
    "TreeError: tree: a Set at '0' is not a tensor, number, boolean, string, function, array or plain record
      try: [...set]"
  `))
  it('a class instance', () =>
    expect(
      leaves({
        model: new (class Model {
          w = one
        })(),
      }),
    ).toMatchInlineSnapshot(`
    "TreeError: tree: an instance of Model at 'model' is not a tensor, number, boolean, string, function, array or plain record
      try: a plain record of its tensors, { ...fields }"
  `))
  it('a typed array', () =>
    expect(leaves({ w: new Float32Array(2) })).toMatchInlineSnapshot(`
    "TreeError: tree: a Float32Array at 'w' is not a tensor, number, boolean, string, function, array or plain record
      try: np.array(...) makes a tensor of it"
  `))
  it('a Date', () =>
    expect(leaves([new Date(0)])).toMatchInlineSnapshot(`
    "TreeError: tree: an instance of Date at '0' is not a tensor, number, boolean, string, function, array or plain record
      try: a plain record of its tensors, { ...fields }"
  `))
  it('a promise', () =>
    expect(leaves([Promise.resolve(1)])).toMatchInlineSnapshot(`
    "TreeError: tree: a Promise at '0' is not a tensor, number, boolean, string, function, array or plain record
      try: await it first"
  `))
  it('a symbol', () =>
    expect(leaves([Symbol('s')])).toMatchInlineSnapshot(`
    "TreeError: tree: a symbol at '0' is not a tensor, number, boolean, string, function, array or plain record
      try: a string: two with the same text are equal"
  `))
  it('as an argument of a transform', () =>
    expect(thrown(() => grad(untyped(np.sum))(untyped(new Float32Array(2))))).toMatchInlineSnapshot(`
    "TreeError: tree: a Float32Array at '0' is not a tensor, number, boolean, string, function, array or plain record
      try: np.array(...) makes a tensor of it"
  `))
  it('as a result of a transform', () =>
    expect(thrown(() => jit(() => new Date(0))())).toMatchInlineSnapshot(`
    "TreeError: tree: an instance of Date at the root is not a tensor, number, boolean, string, function, array or plain record
      try: a plain record of its tensors, { ...fields }"
  `))
  it('as an operand', () =>
    expect([
      thrown(() => np.add(untyped([1, 2]), 1)),
      thrown(() => np.sin(untyped(new Float32Array(2)))),
      thrown(() => np.sin(untyped(null))),
      thrown(() => np.mul(untyped('2'), 1)),
    ]).toMatchInlineSnapshot(`
        [
          "ValueError: add: x must be a tensor, a number or a boolean, got [1, 2]
          try: np.array(...) makes a tensor of numbers, nested lists and typed arrays",
          "ValueError: sin: x must be a tensor, a number or a boolean, got a Float32Array
          try: np.array(...) makes a tensor of numbers, nested lists and typed arrays",
          "ValueError: sin: x must be a tensor, a number or a boolean, got null
          try: np.array(...) makes a tensor of numbers, nested lists and typed arrays",
          "ValueError: mul: x must be a tensor, a number or a boolean, got the string '2'
          try: np.array(...) makes a tensor of numbers, nested lists and typed arrays",
        ]
      `))
})

describe('cyclic trees', () => {
  const model: Record<string, unknown> = { w: one }
  model['child'] = { parent: model }
  it('say where', () =>
    expect(thrown(() => tree.map((x) => x, model))).toMatchInlineSnapshot(`
    "TreeError: tree: 'child/parent' is the same object as the root above it: the tree is cyclic
      try: remove the reference to the parent; trees are data, without links upwards"
  `))
  const list: unknown[] = [one]
  list.push(list)
  it('of lists', () =>
    expect(thrown(() => jit((x: unknown) => x)(list))).toMatchInlineSnapshot(`
    "TreeError: tree: '0/1' is the same object as '0' above it: the tree is cyclic
      try: remove the reference to the parent; trees are data, without links upwards"
  `))
})

describe('trees that differ', () => {
  it('tree.map: keys', () =>
    expect(thrown(() => tree.map(untyped(np.add), { w: one, b: one }, { w: one }))).toMatchInlineSnapshot(`
    "TreeError: map: trees differ at the root: {w: *, b: *} and {w: *}
      first: {w: *, b: *}   other: {w: *}
      try: trees with the same keys, lengths and empty places"
  `))
  it('tree.map: lengths, deep inside', () =>
    expect(thrown(() => tree.map(untyped(np.add), { layers: [{ w: one }, { w: one }] }, { layers: [{ w: one }, { w: [one] }] })))
      .toMatchInlineSnapshot(`
      "TreeError: map: trees differ at 'layers/1/w': * and [*]
        first: {layers: [{w: *}, {w: *}]}   other: {layers: [{w: *}, {w: [*]}]}
        try: trees with the same keys, lengths and empty places"
    `))
  it('tree.unflatten', () =>
    expect(thrown(() => tree.unflatten(tree.structure({ w: 0, b: 0 }), [1]))).toMatchInlineSnapshot(`
    "TreeError: unflatten: {w: *, b: *} has 2 leaves, got 1
      try: one value per leaf, keys sorted"
  `))
  it('tree.get', () =>
    expect(thrown(() => tree.get({ l1: { w: one } }, 'l1/v'))).toMatchInlineSnapshot(`
    "TreeError: get: path leads nowhere: there is no 'v' in 'l1' of the tree
      try: one of: w"
  `))
  it('jvp tangents', () =>
    expect(
      thrown(() =>
        jvp(
          untyped((p: { w: never }) => p.w),
          [{ w: one }],
          untyped([{ v: one }]),
        ),
      ),
    ).toMatchInlineSnapshot(`
    "TreeError: jvp tangents: trees differ at '0': {w: *} and {v: *}
      first: [{w: *}]   other: [{v: *}]
      try: trees with the same keys, lengths and empty places"
  `))
  it('jvp tangents: too few', () =>
    expect(thrown(() => jvp(np.mul, [one, one], untyped([one])))).toMatchInlineSnapshot(`
    "TreeError: jvp tangents: trees differ at the root: [*, *] and [*]
      first: [*, *]   other: [*]
      try: trees with the same keys, lengths and empty places"
  `))
  it('jvp tangents: shape', () =>
    expect(thrown(() => jvp(np.sin, [one], [np.ones([3])]))).toMatchInlineSnapshot(`
    "ShapeError: jvp tangents: shapes differ at '0': [3] given, [2] needed
      given: float32[3]   value: float32[2]
      try: a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape"
  `))
  it('jvp tangents: dtype', () =>
    expect(thrown(() => jvp(np.sin, [one], [np.ones([2], { dtype: 'float64' })]))).toMatchInlineSnapshot(`
    "DTypeError: jvp tangents: dtypes differ at '0': float64 given, float32 needed
      given: float64[2]   value: float32[2]
      try: np.astype(x, 'float32')"
  `))
  it('vjp cotangents', () =>
    expect(thrown(() => vjp((x) => ({ y: np.sin(x), z: x }), one)[1](untyped({ y: one })))).toMatchInlineSnapshot(`
    "TreeError: vjp cotangent: trees differ at the root: {y: *, z: *} and {y: *}
      first: {y: *, z: *}   other: {y: *}
      try: trees with the same keys, lengths and empty places"
  `))
  it('vjp cotangents: shape', () =>
    expect(thrown(() => vjp(np.sum, one)[1](one))).toMatchInlineSnapshot(`
    "ShapeError: vjp cotangent: shapes differ: [2] given, [] needed
      given: float32[2]   value: float32[]
      try: a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape"
  `))
  it('linearize tangents', () =>
    expect(thrown(() => linearize(np.sin, one)[1](np.ones([3])))).toMatchInlineSnapshot(`
    "ShapeError: linearize tangents: shapes differ at '0': [3] given, [2] needed
      given: float32[3]   value: float32[2]
      try: a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape"
  `))
  it('optimizer: gradients', () => {
    const adam = optim.adam(1e-3)
    const params = { w: one, b: one }
    expect(thrown(() => adam.update(untyped({ w: one }), adam.init(params), params))).toMatchInlineSnapshot(`
      "TreeError: update: grads and params differ at the root: {w: *} and {w: *, b: *}
        first: {w: *}   other: {w: *, b: *}
        try: trees with the same keys, lengths and empty places"
    `)
  })
  it('optimizer: state of other parameters', () => {
    const adam = optim.adam(1e-3)
    expect(thrown(() => adam.update({ w: one }, adam.init({ v: one }), { w: one }))).toMatchInlineSnapshot(`
      "TreeError: optim: trees differ at the root: {w: *} and {v: *}
        first: {w: *}   other: {v: *}
        try: trees with the same keys, lengths and empty places"
    `)
  })
  it('optimizer: state of another optimizer', () => {
    expect(thrown(() => optim.adam(1e-3).update({ w: one }, optim.sgd(1e-3).init({ w: one }) as never, { w: one }))).toMatchInlineSnapshot(`
      "TreeError: update: the state has 1 entries for 2 steps: scaleByAdam, scale
        try: the state of this very optimizer: optimizer.init(params), or what its last update returned"
    `)
  })
  it('applyUpdates', () =>
    expect(thrown(() => optim.applyUpdates({ w: one }, untyped([one])))).toMatchInlineSnapshot(`
    "TreeError: applyUpdates: trees differ at the root: {w: *} and [*]
      first: {w: *}   other: [*]
      try: trees with the same keys, lengths and empty places"
  `))
})

describe('control flow', () => {
  it('scan: the carry changes its structure', () =>
    expect(
      thrown(() =>
        scan(
          untyped((c: never) => [[c], null]),
          one,
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "TreeError: scan: the state and what the body returns for it: trees differ at the root: * and [*]
      first: *   other: [*]
      try: trees with the same keys, lengths and empty places"
  `))
  it('scan: the carry changes its shape', () =>
    expect(thrown(() => scan((c, x) => [{ h: np.expandDims(c.h, 0) }, x], { h: one }, one))).toMatchInlineSnapshot(`
      "TreeError: scan: the body changes the state at 'h'
        before: float32[2]   after: float32[1,2]
        try: return the same shapes and dtypes; np.astype and np.reshape convert"
    `))
  it('scan: the carry changes its dtype', () =>
    expect(thrown(() => scan((c) => [np.astype(c, 'int32'), null], one, one))).toMatchInlineSnapshot(`
    "TreeError: scan: the body changes the state
      before: float32[2]   after: int32[2]
      try: return the same shapes and dtypes; np.astype and np.reshape convert"
  `))
  it('scan: the step returns no pair', () =>
    expect(
      thrown(() =>
        scan(
          untyped((c: never) => c),
          one,
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "ValueError: scan: the step must return [carry, y]
      try: [carry, null] when there is nothing to stack"
  `))
  it('scan: lengths', () =>
    expect(thrown(() => scan((c) => [c, c], 0, [np.ones([3]), np.ones([4])]))).toMatchInlineSnapshot(`
    "ShapeError: scan: lengths differ: 3 and 4 (leaf 1 of xs)
      x: float32[4]
      try: xs of one length"
  `))
  it('scan: no length', () =>
    expect(thrown(() => scan((c) => [c, c], 0, null))).toMatchInlineSnapshot(`
    "ValueError: scan: xs has no leaves; the number of steps is unknown
      try: { length }"
  `))
  it('scan: a scalar', () =>
    expect(thrown(() => scan((c) => [c, c], 0, 1))).toMatchInlineSnapshot(`
    "ShapeError: scan: leaf 0 of xs is a scalar and has no leading axis
      x: float32*[]
      try: what is the same for every step is closed over, or part of the state"
  `))
  it('scan: a wrong length', () =>
    expect(thrown(() => scan((c) => [c, c], 0, null, { length: -1 }))).toMatchInlineSnapshot(`
      "ValueError: scan: length must be a whole number from 0, got -1
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
  it('cond: structures', () =>
    expect(
      thrown(() =>
        cond(
          true,
          (x) => ({ y: x }),
          untyped((x: never) => [x]),
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "TreeError: cond: onFalse and onTrue: trees differ at the root: [*] and {y: *}
      first: [*]   other: {y: *}
      try: trees with the same keys, lengths and empty places"
  `))
  it('cond: shapes', () =>
    expect(thrown(() => cond(true, (x) => x, np.sum, one))).toMatchInlineSnapshot(`
    "TreeError: cond: branches return different values at leaf 0
      onFalse: float32[]   onTrue: float32[2]
      try: the same shapes and dtypes from all branches"
  `))
  it('cond: the predicate is no scalar', () =>
    expect(thrown(() => cond(np.greater(one, 0), np.sin, np.cos, one))).toMatchInlineSnapshot(`
    "ShapeError: cond: the predicate must be a scalar
      predicate: bool[2]
      try: vmap, or np.where for a choice per element"
  `))
  it('cond: the predicate is a float', () =>
    expect(thrown(() => cond(np.sum(one), np.sin, np.cos, one))).toMatchInlineSnapshot(`
    "DTypeError: cond: the predicate must be bool or integer
      predicate: float32[]
      try: a comparison, such as np.greater(x, 0)"
  `))
  it('switch_: no branches', () =>
    expect(thrown(() => switch_(0, [], one))).toMatchInlineSnapshot(`
    "TreeError: switch_: there are no branches
      try: at least one function"
  `))
  it('switch_: dtypes', () =>
    expect(thrown(() => switch_(0, [np.sin, (x) => np.astype(x, 'int32')], one))).toMatchInlineSnapshot(`
    "TreeError: switch_: branches return different values at leaf 0
      branch 0: float32[2]   branch 1: int32[2]
      try: the same shapes and dtypes from all branches"
  `))
  it('whileLoop: the condition is no bool scalar', () =>
    expect(
      thrown(() =>
        whileLoop(
          (x) => np.less(x, 3),
          (x) => x,
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "ShapeError: whileLoop: the condition must return one bool scalar
      returned0: bool[2]
      try: np.all or np.any of it"
  `))
  it('whileLoop: the condition is a float', () =>
    expect(
      thrown(() =>
        whileLoop(
          (x) => np.sum(x),
          (x) => x,
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "ShapeError: whileLoop: the condition must return one bool scalar
      returned0: float32[]
      try: np.all or np.any of it"
  `))
  it('whileLoop: the state changes', () =>
    expect(
      thrown(() =>
        whileLoop(
          () => true,
          (x) => np.sum(x),
          one,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "TreeError: whileLoop: the body changes the state
      before: float32[2]   after: float32[]
      try: return the same shapes and dtypes; np.astype and np.reshape convert"
  `))
  it('whileLoop: the condition reads the value', () =>
    expect(
      thrown(() =>
        whileLoop(
          (x) => Number(x) < 3,
          (x) => np.add(x, 1),
          0,
        ),
      ),
    ).toMatchInlineSnapshot(`
    "TraceError: a comparison or Number(x): the value of a tensor traced by whileLoop is not known while tracing
      x: float32*[]
      try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
  `))
})

describe('tensors without elements', () => {
  it('cannot be read', () =>
    expect(thrown(() => shapeDtype([2]).toArray())).toMatchInlineSnapshot(`
    "TraceError: toArray: a tensor made by evalShape has a shape and a dtype but no elements
      x: float32[2]
      try: evalShape, trace or linearTranspose of a function; np.zeros for a tensor with elements"
  `))
  it('cannot be computed with', () =>
    expect(thrown(() => np.sin(shapeDtype([2])))).toMatchInlineSnapshot(`
    "TraceError: sin: a tensor made by evalShape has a shape and a dtype but no elements
      x: float32[2]
      try: evalShape, trace or linearTranspose of a function; np.zeros for a tensor with elements"
  `))
})
