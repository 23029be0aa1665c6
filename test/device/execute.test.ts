import { afterEach, describe, expect, it } from 'vitest'
import { reference } from '../../src/backend/reference/index.js'
import type { Backend } from '../../src/compile/backend.js'
import { aval } from '../../src/core/aval.js'
import type { Tensor } from '../../src/core/tensor.js'
import { hostTensor, scalar } from '../../src/core/tensor.js'
import { configure } from '../../src/device/select.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import type { AnyPrimitive, ControlForm, Params } from '../../src/ir/primitive.js'
import { none } from '../../src/ir/primitive.js'
import type { Program } from '../../src/ir/program.js'
import { trace } from '../../src/ir/trace.js'
import { s } from '../../src/kernel/scalar.js'

const f32 = (shape: readonly number[], values: readonly number[]): Tensor => hostTensor(aval(shape, 'float32'), Float32Array.from(values))
const counted = { shape: 0, compile: 0 }

const add: AnyPrimitive = {
  name: 'add',
  shape: (ins) => {
    counted.shape++
    return [ins[0]!]
  },
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x, y]) => s.add(x!, y!) },
}
const affine: AnyPrimitive = {
  ...add,
  name: 'affine',
  lower: { kind: 'scalar', body: ([x], { by }: Params) => s.mul(x!, s.like(x!, Number((by as number[])[0]))) },
}
const twice: AnyPrimitive = { ...add, name: 'twice', lower: { kind: 'inline', run: ([x]) => [bind(add, [x!, x!], none)] } }
const call: AnyPrimitive = {
  name: 'call',
  shape: (_, { program }: Params) => (program as Program).outputs.map((a) => a.aval),
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'control', form: ({ program, donate = [] }: Params) => ({ kind: 'call', program, donate }) as ControlForm },
}
const traced = (f: (xs: readonly Tensor[]) => readonly Tensor[], n: number): Program =>
  trace('test', f, new Array<ReturnType<typeof aval>>(n).fill(aval([2], 'float32'))).program

/** A device whose buffers are boxed: host memory is not its memory. */
const boxed = (async = false): Backend => {
  const unbox = (b: unknown) => (b as { data: Float32Array }).data
  const self: Backend = {
    ...reference,
    name: 'boxed',
    host: false,
    supports: (d) => d !== 'float64',
    put: (data) => ({ data }),
    get: (b) => (async ? Promise.resolve(unbox(b)) : unbox(b)),
    compile: (program, options) => {
      counted.compile++
      const run = reference.compile(program, options)
      return (ins) => run(ins.map(unbox)).map((data) => ({ data }))
    },
  }
  return self
}

afterEach(() => {
  configure({ backend: 'reference' })
})

describe('evaluation', () => {
  it('asks the shape rule once per avals and parameters', () => {
    const x = f32([2], [1, 2])
    counted.shape = 0
    for (let k = 0; k < 10; k++) expect(bind(add, [x, x], none).toArray()).toEqual([2, 4])
    expect(counted.shape).toBe(1)
    bind(add, [f32([3], [1, 2, 3]), f32([3], [1, 2, 3])], none)
    bind(add, [x, x], none)
    expect(counted.shape).toBe(2)
  })

  it('tells parameters apart by structure, NaN and -0 included', () => {
    const x = f32([1], [3])
    const run = (by: number) => bind(affine, [x], { by: [by] }).item()
    counted.shape = 0
    expect([run(2), run(3), run(NaN), run(2), run(0), run(-0), run(NaN), run(Infinity)]).toEqual([6, 9, NaN, 6, 0, -0, NaN, Infinity])
    expect(counted.shape).toBe(6)
  })

  it('runs primitives made of others, eagerly and inside programs', () => {
    const x = f32([2], [1, 2])
    expect(bind(twice, [x], none).toArray()).toEqual([2, 4])
    const program = traced(([a]) => [bind(twice, [bind(twice, [a!], none)], none)], 1)
    expect(bindAll(call, [x], { program })[0]!.toArray()).toEqual([4, 8])
  })

  it('names a traced value that escaped', () => {
    let escaped: Tensor | undefined
    traced(([a]) => {
      escaped = a
      return [a!]
    }, 1)
    expect(() => bind(add, [escaped!, escaped!], none)).toThrow(/TraceError|a value traced by test is used outside it/)
  })

  it('forgets donated tensors, and says so', () => {
    const [x, y] = [f32([2], [1, 2]), f32([2], [3, 4])]
    const program = traced(([a, b]) => [bind(add, [a!, b!], none), a!], 2)
    const [sum, same] = bindAll(call, [x, y], { program, donate: [0] })
    expect([sum!.toArray(), same!.toArray(), y.toArray()]).toEqual([
      [4, 6],
      [1, 2],
      [3, 4],
    ])
    expect(() => x.toArray()).toThrow('donated')
    expect(() => bind(add, [x, y], none)).toThrow(/add: this tensor was donated[^]*x: float32\[2\]/)
  })

  it('keeps weakness out of the numbers and in the avals', () => {
    expect(bind(add, [scalar(1), scalar(2)], none).aval).toBe(aval([], 'float32', true))
  })

  it('bounds what it keeps', async () => {
    const { cacheSize, siteOf } = await import('../../src/device/cache.js')
    const x = f32([1], [1])
    for (let k = 0; k < 6000; k++) bind(affine, [x], { by: [k] })
    expect(cacheSize()).toBe(4096)
    // What is dropped is held by nothing else.
    expect([...siteOf(affine).table.values()].flat().length).toBeLessThanOrEqual(4096)
    expect(bind(affine, [x], { by: [5999] }).item()).toBe(5999)
    expect(bind(affine, [x], { by: [0] }).item()).toBe(0)
  })
})

describe('another backend', () => {
  it('gets what it is given and keeps what it makes', () => {
    const backend = boxed()
    const x = f32([2], [1, 2])
    bind(add, [x, x], none)
    configure({ backend })
    counted.compile = 0
    const y = bind(add, [x, x], none)
    expect(y.memory).toBe(backend)
    expect(bind(add, [y, x], none).toArray()).toEqual([3, 6])
    expect(counted.compile).toBe(1)
    configure({ backend: 'reference' })
    expect(bind(add, [y, x], none).memory).toBeNull()
  })

  it('refuses a dtype it lacks', () => {
    configure({ backend: boxed() })
    const x = hostTensor(aval([1], 'float64'), Float64Array.of(1))
    expect(() => bind(add, [x, x], none)).toThrow('add: the boxed backend has no float64')
  })

  it('does not wait for memory that is read asynchronously', async () => {
    const backend = boxed(true)
    configure({ backend })
    const x = bind(add, [f32([1], [1]), f32([1], [1])], none)
    configure({ backend: 'reference' })
    expect(() => bind(add, [x, x], none)).toThrow(/boxed has to be read asynchronously/)
    expect(await x.read()).toEqual(Float32Array.of(2))
  })
})
