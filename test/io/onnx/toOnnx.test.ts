import { describe, expect, it } from 'vitest'
import {
  cond,
  grad,
  jit,
  nn,
  np,
  onnx,
  psum,
  random,
  scan,
  scope,
  shapeDtype,
  switch_,
  trace,
  vmap,
  whileLoop,
} from '../../../src/index.js'
import { bindAll, hostTensor, none, primitives, kernel } from '../../../src/extend.js'
import type { Tensor } from '../../../src/index.js'
import type { Primitive } from '../../../src/extend.js'
import { aval } from '../../../src/core/aval.js'
import { table } from '../../../src/compile/onnx/table.js'
import { toOnnx } from '../../../src/onnx.js'
import { decodeModel, everyNode, operators } from './decode.js'
import { batched, subjects } from './models.js'

const x = np.array([[1, 2, 3]])
const ops = (f: (...xs: never[]) => unknown, ...args: readonly unknown[]): string =>
  operators(decodeModel(toOnnx(f as (...xs: readonly unknown[]) => unknown, args)).graph)

const message = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  return 'nothing was thrown'
}

const network = nn.sequential(nn.dense(3, 4), nn.relu, nn.dense(4, 2))
const params = network.init(random.key(0))
const apply = (p: typeof params, y: Tensor): Tensor => network.apply(p)(y)

describe('a model', () => {
  const bytes = toOnnx(apply, [params, x], {
    weights: [0],
    inputs: ['x'],
    outputs: ['y'],
    name: 'network',
    producer: 'test',
    metadata: { licence: 'MIT', author: 'nobody' },
  })
  const model = decodeModel(bytes)

  it('says what it is for', () => {
    expect(model).toMatchObject({ format: 10, opset: 21, producer: 'test', metadata: { licence: 'MIT', author: 'nobody' } })
    expect(model.graph.name).toBe('network')
    expect(decodeModel(toOnnx(np.tanh, [x])).producer).toBe('adjoint')
    expect(decodeModel(toOnnx(np.tanh, [x], { opset: 18 }))).toMatchObject({ format: 8, opset: 18 })
  })

  it('has inputs and outputs by name, and weights by path', () => {
    expect(model.graph.inputs).toEqual(['x: float32[1,3]'])
    expect(model.graph.outputs).toEqual(['y: float32[1,2]'])
    expect(Object.keys(model.graph.initializers)).toEqual(['0/b', '0/w', '2/b', '2/w'])
    expect(model.graph.initializers['0/w']).toEqual({
      type: 'float32',
      shape: [3, 4],
      data: Array.from((params[0] as { w: Tensor }).w.toTypedArray()),
    })
  })

  it('is what one would write by hand', () => {
    expect(operators(model.graph)).toBe('MatMul Add Relu MatMul Add')
    expect(model.graph.nodes[0]).toEqual({
      op: 'MatMul',
      name: 'sequential/dense[0]/MatMul_0',
      inputs: ['x', '0/w'],
      outputs: ['MatMul_0'],
      attributes: {},
    })
  })

  it('is the same bytes every time', () => {
    expect(toOnnx(apply, [params, x])).toEqual(toOnnx(apply, [params, x]))
  })

  const everything = { ...subjects, ...batched }
  it.each(Object.keys(everything))('defines every value once, before it is read, and reads all that it holds: %s', (name) => {
    const { f, args, options } = everything[name]!()
    const { graph } = decodeModel(toOnnx(f as (...xs: readonly unknown[]) => unknown, args, options))
    const nameOf = (port: string): string => port.split(': ')[0]!
    const known = new Set<string>([...graph.inputs.map(nameOf), ...Object.keys(graph.initializers), ''])
    const visit = (g: typeof graph): void => {
      for (const n of g.nodes) {
        for (const i of n.inputs) expect(known.has(i), `${n.name} reads ${i}`).toBe(true)
        for (const a of Object.values(n.attributes))
          if (typeof a === 'object' && 'nodes' in a) {
            for (const i of a.inputs) known.add(nameOf(i))
            visit(a)
          }
        for (const o of n.outputs) {
          expect(known.has(o), `${o} is made twice`).toBe(false)
          known.add(o)
        }
      }
      for (const o of g.outputs) expect(known.has(nameOf(o)), `output ${o}`).toBe(true)
    }
    visit(graph)
    const read = new Set([...everyNode(graph).flatMap((n) => n.inputs), ...graph.outputs.map(nameOf)])
    for (const i of Object.keys(graph.initializers)) expect(read.has(i), `nobody reads ${i}`).toBe(true)
  })
})

describe('names', () => {
  const names = (...[f, args, options]: Parameters<typeof toOnnx>) => {
    const { graph } = decodeModel(toOnnx(f, args, options))
    return [...graph.inputs, '->', ...graph.outputs].map((p) => p.split(': ')[0])
  }

  it('of trees are paths', () => {
    const state = { h: x, c: [x, x] }
    expect(names((s: typeof state) => s, [state])).toEqual(['input/c/0', 'input/c/1', 'input/h', '->', 'c/0', 'c/1', 'h'])
    expect(names((s: typeof state, y: Tensor) => [s, y], [state, x], { inputs: ['state', 'y'], outputs: ['next', 'z'] })).toEqual([
      'state/c/0',
      'state/c/1',
      'state/h',
      'y',
      '->',
      'next/c/0',
      'next/c/1',
      'next/h',
      'z',
    ])
  })

  it('of results that are called as inputs get `_out`', () => {
    expect(names((w: { w: Tensor }) => ({ w: np.neg(w.w) }), [{ w: x }], { inputs: [''] as never })).toEqual(['w', '->', 'w_out'])
  })

  it('of what is closed over are its own among the weights, or numbers', () => {
    const y = np.array([[4, 5, 6]])
    const { graph } = decodeModel(toOnnx((_: unknown, z: Tensor) => np.add(np.mul(z, x), y), [{ scale: x }, x], { weights: [0] }))
    expect(Object.keys(graph.initializers)).toEqual(['scale', 'closure_1'])
  })

  it('must be as many as there are values, and different', () => {
    const f = (a: Tensor, b: Tensor): readonly Tensor[] => [a, b]
    expect(message(() => toOnnx(f, [x, x], { inputs: ['a'] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: 1 names for 2 inputs
        try: one name per argument that is not among \`weights\`"
    `)
    expect(message(() => toOnnx(f, [x, x], { inputs: ['a', 'a'] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: two values are called 'a'
        try: other names in \`inputs\` or \`outputs\`; keys without slashes"
    `)
    expect(message(() => toOnnx(f, [x, x], { outputs: ['a', 'b', 'c'] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: 3 names for 2 outputs
        try: one name for a tensor, one per entry of a list or a record"
    `)
    expect(message(() => toOnnx(np.sin, [x], { inputs: ['v'], outputs: ['v'] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: two values are called 'v'
        try: other names in \`inputs\` or \`outputs\`; keys without slashes"
    `)
    expect(message(() => toOnnx(np.sin, [x], { outputs: [''] }))).toMatchInlineSnapshot(`"ValueError: toOnnx: a name is empty"`)
  })
})

describe('what is written', () => {
  it('spreads nothing that operators spread themselves', () => {
    expect(ops((y: Tensor) => np.add(np.mul(y, 2), np.array([1, 2, 3])), x)).toBe('Mul Add')
    expect(ops((y: Tensor) => np.sub(y, np.mean(y, { axis: 1, keepdims: true })), np.ones([4, 5]))).toBe('ReduceSum Unsqueeze Div Sub')
    expect(ops(() => np.ones([2, 3]))).toBe('Expand')
  })

  it('holds nothing twice, and nothing that nobody reads', () => {
    expect(ops((y: Tensor) => np.add(np.sin(y), np.sin(y)), x)).toBe('Sin Add')
    expect(ops((y: Tensor) => [np.sin(y), np.cos(y)][0], x)).toBe('Sin')
    const loss = jit((y: Tensor) => [np.sum(np.sin(y)), np.exp(y)] as const)
    expect(ops((y: Tensor) => grad((z: Tensor) => loss(z)[0])(y), x)).toBe('Cos')
  })

  it('is one graph for jitted functions, and a body for loops and branches', () => {
    expect(
      ops(
        jit((y: Tensor) => np.tanh(jit(np.exp)(y))),
        x,
      ),
    ).toBe('Exp Tanh')
    expect(ops((y: Tensor) => cond(np.greater(np.sum(y), 0), np.sin, np.cos, y), x)).toBe(
      'ReduceSum Greater Cast LessOrEqual If(Cos | Sin)',
    )
    expect(ops((i: Tensor, y: Tensor) => switch_(i, [np.sin, np.cos, np.tan], y), np.array(1, { dtype: 'int32' }), x)).toBe(
      'LessOrEqual If(Sin | LessOrEqual If(Cos | Tan))',
    )
    const step = (c: Tensor, v: Tensor) => [np.add(c, v), np.mul(c, v)] as const
    expect(ops((c: Tensor, vs: Tensor) => scan(step, c, vs), np.array(0), np.ones([5]))).toBe('Scan(Add Mul)')
    expect(ops((c: Tensor) => scan((s: Tensor) => [np.sin(s), null] as const, c, null, { length: 3 }), np.array(1))).toBe(
      'Loop(Sin Identity)',
    )
    expect(
      ops(
        (c: Tensor) =>
          whileLoop(
            (s) => np.less(s, 10),
            (s) => np.mul(s, 2),
            c,
          ),
        np.array(1),
      ),
    ).toBe('Less Loop(Mul Less)')
  })

  it('uses the operators that runtimes know', () => {
    const image = np.ones([1, 3, 8, 8])
    expect(ops((y: Tensor) => nn.maxPool(y, [2, 2]), image)).toBe('MaxPool')
    expect(ops((y: Tensor, w: Tensor) => nn.conv(y, w, { padding: 1 }), image, np.ones([4, 3, 3, 3]))).toBe('Conv')
    expect(ops(nn.gelu as (y: Tensor) => Tensor, x)).toBe('Gelu')
    expect(ops((y: Tensor) => [np.argmax(y), nn.sigmoid(y), nn.softplus(y)], x)).toContain('ArgMax')
    expect(
      ops(
        (y: Tensor, i: Tensor) => bindAll(primitives.gather, [y, i], { axes: [0], batch: 0, mode: 'clip' }),
        np.ones([4, 2]),
        np.zeros([3, 1], { dtype: 'int32' }),
      ),
    ).toBe('Min Max Cast Squeeze Gather')
    expect(ops((y: Tensor) => np.cumsum(y, { axis: 0 }), np.ones([4]))).toBe('CumSum')
    expect(ops((y: Tensor) => [nn.softmax(y), nn.relu(y)], x)).toBe('Softmax Relu')
    const byDivision = (y: Tensor): Tensor => {
      const e = np.exp(np.sub(y, np.max(y, { axis: 1, keepdims: true })))
      return np.div(e, np.sum(e, { axis: 1, keepdims: true }))
    }
    expect(ops(byDivision, x)).toBe('Softmax')
    expect(ops(nn.silu as (y: Tensor) => Tensor, x)).toBe('Max Sigmoid Mul')
    expect(ops((y: Tensor, z: Tensor) => np.div(np.exp(y), np.sum(np.exp(z), { axis: 1, keepdims: true })), x, x)).toBe(
      'Exp Exp ReduceSum Unsqueeze Div',
    )
  })

  it('takes abstract arguments, and numbers', () => {
    const { graph } = decodeModel(toOnnx((a: Tensor, k: number) => np.mul(a, k), [shapeDtype([2, 3], 'float64'), 2]))
    expect(graph.inputs).toEqual(['input_0: float64[2,3]', 'input_1: float32[]'])
  })
})

describe('a batch of any size', () => {
  it('is a named dimension, computed where it is needed', () => {
    const flat = (y: Tensor): Tensor => np.matmul(np.reshape(y, [y.shape[0]!, 6]), np.ones([6, 2]))
    const { graph } = decodeModel(toOnnx(flat, [np.ones([4, 2, 3])], { batch: [0] }))
    expect(graph.inputs).toEqual(['input: float32[batch,2,3]'])
    expect(graph.outputs).toEqual(['output: float32[batch,2]'])
    expect(operators(graph)).toBe('Shape Squeeze Cast Mul Add Reshape Expand MatMul')
    const both = decodeModel(toOnnx((y: Tensor) => np.concatenate([y, y, np.ones([1, 2])]), [np.ones([3, 2])], { batch: [0] }))
    expect(both.graph.outputs).toEqual(['output: float32[2*batch + 1,2]'])
  })

  it('costs nothing where sizes do not matter', () => {
    expect(operators(decodeModel(toOnnx(apply, [params, x], { weights: [0], batch: [1] })).graph)).toBe('MatMul Add Relu MatMul Add')
  })

  it('is refused where no line goes through', () => {
    expect(message(() => toOnnx((y: Tensor) => np.mul(y, y.shape[0]! ** 2), [np.ones([3])], { batch: [0] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: constant_0 depends on the size of the batch, and not by a multiple of it or of its inverse
        try: leave \`batch\` out and export for one size; or vmap a function of one example"
    `)
    expect(message(() => toOnnx((y: Tensor) => np.add(y, np.arange(y.shape[0]!)), [np.ones([3])], { batch: [0] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: the shape of closure_0 depends on the size of the batch, and not by a multiple of it or of its inverse
        try: leave \`batch\` out and export for one size; or vmap a function of one example"
    `)
    expect(message(() => toOnnx((y: Tensor, z: Tensor) => [y, z], [np.ones([3]), np.ones([4])], { batch: [0, 1] }))).toMatchInlineSnapshot(`
      "ShapeError: toOnnx: leading axes of the batch differ: 3, 4
        try: arguments with one leading axis in \`batch\`"
    `)
    expect(message(() => toOnnx(apply, [params, x], { weights: [0], batch: [0] }))).toMatchInlineSnapshot(
      `"ValueError: toOnnx: argument 0 is both stored and a batch"`,
    )
  })
})

describe('what cannot be exported', () => {
  it('is listed with its reason', () => {
    const unsupported = Object.entries(table).flatMap(([name, l]) => (typeof l === 'object' ? [name] : []))
    expect(unsupported).toEqual([
      'psum',
      'pmax',
      'pmin',
      'axisIndex',
      'allGather',
      'psumScatter',
      'allToAll',
      'ppermute',
      'pureCallback',
      'debugCallback',
    ])
    expect(Object.keys(table).sort()).toEqual([...Object.keys(primitives), 'call', 'checkpoint', 'cond', 'scan', 'while'].sort())
  })

  it('names the equation, the place and the way out', () => {
    const f = (y: Tensor): Tensor => scope('model', () => bindAll(primitives.psum, [np.sin(y)], { axisName: 'i' })[0]!)
    expect(message(() => toOnnx(f, [x]))).toMatchInlineSnapshot(`
      "DeviceError: toOnnx: psum cannot be exported: it speaks to the other members of an axis, and a model has none
        equation: c:float32[1,3] = psum[axisName=i] b
        in: model / toOnnx
        try: vmap with that axisName, around the function that is exported"
    `)
    expect(
      ops(
        vmap((y: Tensor) => psum(y, 'i'), { axisName: 'i' }),
        x,
      ),
    ).toBe('ReduceSum Expand')
    expect(message(() => toOnnx((y: Tensor) => bindAll(primitives.nextafter, [y, y], none), [np.ones([2], { dtype: 'float64' })])))
      .toMatchInlineSnapshot(`
      "DTypeError: toOnnx: nextafter of float64 needs 64-bit operations on bits, which ONNX lacks
        try: float32"
    `)
  })

  it('a primitive of the user is exported when it is defined by scalars or by other primitives', () => {
    const own = (lower: Primitive['lower']): Primitive => ({
      name: 'twice',
      shape: (avals) => [avals[0]!],
      linear: { kind: 'zero' },
      batch: 'elementwise',
      lower,
    })
    const twice = own({ kind: 'scalar', body: ([y]) => kernel.add(y!, y!) })
    const inline = own({ kind: 'inline', run: ([y]) => [np.add(y!, y!)] })
    expect(ops((y: Tensor) => bindAll(twice, [y], none), x)).toBe('Add')
    expect(ops((y: Tensor) => bindAll(inline, [y], none), x)).toBe('Add')
    // One array that it closes over is refused like several.
    const closed = own({ kind: 'inline', run: ([y]) => [np.add(y!, x)] })
    expect(message(() => toOnnx((y: Tensor) => bindAll(closed, [y], none), [x]))).toMatch(/^DeviceError: toOnnx: twice cannot be exported/)
    expect(
      message(() =>
        toOnnx((y: Tensor) => bindAll(own({ kind: 'routine', define: { kind: 'inline', run: ([y]) => [y!] } }), [y], none), [x]),
      ),
    ).toMatchInlineSnapshot(`
      "DeviceError: toOnnx: twice cannot be exported: it is a primitive of yours that only backends know
        equation: b:float32[1,3] = twice a
        try: give it a lowering of kind 'scalar' or 'inline'"
    `)
  })

  it('options that do not fit', () => {
    expect(message(() => toOnnx(np.sin, [x], { opset: 17 }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: operator set 17 is not supported
        try: 18 to 23"
    `)
    expect(message(() => toOnnx(np.sin, [x], { weights: [1] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: weights names argument 1, but there are 1
        try: positions count from 0"
    `)
    expect(message(() => toOnnx(np.sin, [x], { batch: [-1] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: batch names argument -1, but there are 1
        try: positions count from 0"
    `)
  })

  it('functions that read their arguments, and weights without elements', () => {
    expect(message(() => toOnnx((y: Tensor) => (Number(np.sum(y)) > 0 ? y : x), [x]))).toMatch(/^TraceError: /)
    expect(message(() => toOnnx(np.sin, [shapeDtype([3])], { weights: [0] }))).toMatch(/^TraceError: read: a tensor made by evalShape/)
    expect(message(() => jit((y: Tensor) => toOnnx((z: Tensor) => np.add(z, y), [x]).length)(x))).toMatch(/^TraceError: /)
  })

  it('a model of 2 GiB, before its elements are read', () => {
    const huge = hostTensor(aval([2 ** 29], 'float32'), new Float32Array(0))
    expect(message(() => toOnnx((w: Tensor) => np.sum(w), [huge], { weights: [0] }))).toMatchInlineSnapshot(`
      "ValueError: toOnnx: the model is 2.00 GiB, and a file holds less than 2
        try: pass the weights as inputs (leave \`weights\` out), or export parts of the model on their own"
    `)
  })
})

describe('the entry', () => {
  it('is a namespace of the root', () => {
    expect(onnx.toOnnx).toBe(toOnnx)
    expect(String(trace(np.sin, x))).toContain('sin')
  })
})
