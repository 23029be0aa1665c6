import { describe, expect, it } from 'vitest'
import type { Tensor } from '../src/index.js'
import { np } from '../src/index.js'
import { alike, givenBack, take } from './taken.js'

const tensor = (...v: readonly number[]): Tensor => np.array(v)

/** Whether what is fixed in two lists of arguments is the same. */
const same = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  const [x, y] = [take(a).fixed, take(b).fixed]
  return x !== null && y !== null && alike(x, y)
}

describe('take', () => {
  it('finds tensors at any depth and puts others in their places', () => {
    const [a, b, c, d] = [tensor(1), tensor(2), tensor(3), tensor(4)]
    const { tensors, refilled } = take([{ w: [a, 'same'], n: null }, b])
    expect(tensors).toEqual([a, b])
    expect(refilled([c, d])).toEqual([{ w: [c, 'same'], n: null }, d])
  })

  it('leaves alone what holds no tensors', () => {
    const program = { inputs: [{ id: 1 }], run: () => 1 }
    const [first, second] = take([program, { program, w: tensor(1) }]).refilled([tensor(2)]) as [unknown, { program: unknown }]
    expect(first).toBe(program)
    expect(second.program).toBe(program)
  })

  it('fixes everything else: values, nesting, avals, and which tensors are the same one', () => {
    const [a, b] = [tensor(1, 2), tensor(3, 4)]
    expect(same([a, [1, NaN]], [b, [1, NaN]])).toBe(true)
    expect(same([a, 1], [a, 2])).toBe(false)
    expect(same([a, 0], [a, -0])).toBe(false)
    expect(same([[a, b]], [a, b])).toBe(false)
    expect(same([{ x: a, y: b }], [{ y: a, x: b }])).toBe(false)
    expect(same([a], [np.reshape(a, [1, 2])])).toBe(false)
    expect(same([a, a], [a, b])).toBe(false)
    expect(same([b, b], [a, a])).toBe(true)
  })

  it('fixes nothing where a value can change behind its identity', () => {
    for (const x of [() => 1, new Float32Array(2), new Map(), { deep: [new Date(0)] }]) expect(take([tensor(1), x]).fixed).toBe(null)
  })
})

describe('givenBack', () => {
  const [a, b, other, fresh] = [tensor(1), tensor(2), tensor(3), tensor(4)]
  const nest = { a, b }

  it('puts tensors and whole nests of the arguments into another result', () => {
    const empty: readonly unknown[] = []
    const back = givenBack({ y: fresh, from: [a, nest], none: empty }, [nest, empty])
    const args = [{ a: other, b }, []]
    const result = back({ y: other, from: [tensor(0), { a: tensor(0), b: tensor(0) }], none: [] }, args) as typeof nest &
      Record<string, unknown>
    expect(result).toEqual({ y: other, from: [other, args[0]], none: [] })
    expect((result['from'] as unknown[])[0]).toBe(other)
    expect((result['from'] as unknown[])[1]).toBe(args[0])
    expect(result['none']).toBe(args[1])
  })

  it('is a whole argument, or nothing', () => {
    expect(givenBack(nest, [1, nest])(null, [1, args0])).toBe(args0)
    const result = { y: other }
    expect(givenBack({ y: fresh }, [nest])(result, [nest])).toBe(result)
  })
  const args0 = { a: other, b: other }
})
