import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TreeError } from '../../src/core/errors.js'
import { scalar } from '../../src/core/tensor.js'
import * as tree from '../../src/tree/index.js'

const x = scalar(1)
const y = scalar(2)
const relu = (): number => 0

/** Trees of numbers and static leaves. */
const { arbitrary } = fc.letrec<{ arbitrary: tree.Tree }>((tie) => ({
  arbitrary: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom<tree.Tree>('relu', '', 'a', 7n, relu, Math.sin, true, null, undefined),
    fc.array(tie('arbitrary'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'kind', '__proto__'), tie('arbitrary'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

describe('static leaves', () => {
  const layer = { kind: 'dense', w: x, act: relu, size: 3n, rest: [y, 'tail'] }

  it('are part of the structure, not among the leaves', () => {
    const { leaves, structure } = tree.flatten(layer)
    expect(leaves).toEqual([y, x])
    expect(structure.count).toBe(2)
    expect(structure.statics).toEqual([relu, 'dense', 'tail', 3n])
    expect(tree.unflatten(structure, leaves)).toStrictEqual(layer)
    expect(tree.paths(layer)).toEqual(['rest/0', 'w'])
  })

  it('alone are trees without leaves', () => {
    expect(tree.leaves('relu')).toEqual([])
    expect(tree.map(() => 1, relu)).toBe(relu)
    expect(tree.map(() => 1, 'a')).toBe('a')
  })

  it('are compared by value, functions by identity, whatever the order of keys', () => {
    const same = tree.sameStructure
    expect(same({ kind: 'a', w: x }, { w: y, kind: 'a' })).toBe(true)
    expect(same({ kind: 'a', w: x }, { kind: 'b', w: y })).toBe(false)
    expect(same([1n], [1n])).toBe(true)
    expect(same([1n], ['1'])).toBe(false)
    expect(same([relu], [relu])).toBe(true)
    expect(same([relu], [() => 0])).toBe(false)
    expect(same(['a'], [null])).toBe(false)
    expect(same(['a'], [1])).toBe(false)
    // The same values at other places.
    expect(same({ a: 'p', b: 'q' }, { a: 'q', b: 'p' })).toBe(false)
    expect(same([['a'], []], [[], ['a']])).toBe(false)
  })

  it('are kept by map, and must agree', () => {
    expect(tree.map((a: number, b: number) => a + b, { k: 'a', n: 1 }, { n: 10, k: 'a' })).toStrictEqual({ k: 'a', n: 11 })
    expect(() => tree.map((a) => a, { l: { kind: 'a', w: 1 } }, { l: { kind: 'b', w: 1 } })).toThrow(
      /trees differ at 'l\/kind': 'a' and 'b'[^]*the same static leaf in both/,
    )
    expect(() => tree.map((a) => a, [relu], [Math.sin])).toThrow("at '0': function relu and function sin")
  })

  it('are printed', () => {
    expect(tree.show(tree.structure(layer))).toBe("{kind: 'dense', w: *, act: function relu, size: 3n, rest: [*, 'tail']}")
    expect(tree.show(tree.structure('a'.repeat(1000))).length).toBeLessThan(60)
  })

  it('survive every round trip, and equal what is built from the same parts', () => {
    fc.assert(
      fc.property(arbitrary, (t) => {
        const { leaves, structure } = tree.flatten(t)
        const back = tree.unflatten(structure, leaves)
        expect(back).toStrictEqual(t)
        expect(tree.equals(tree.structure(back), structure)).toBe(true)
        expect(tree.map((v) => v, t)).toStrictEqual(t)
        expect(tree.sameStructure([t], [t])).toBe(true)
        expect(tree.sameStructure([t], [[t]])).toBe(false)
      }),
    )
  })

  it('do not stay in memory', async () => {
    const seen: WeakRef<object>[] = []
    for (let i = 0; i < 100; i++) {
      const f = (): number => i
      seen.push(new WeakRef(f))
      tree.structure({ layers: [{ f, w: x, name: `number ${i}` }] })
    }
    await new Promise((done) => setTimeout(done, 0))
    globalThis.gc!()
    expect(seen.filter((r) => r.deref() !== undefined).length).toBeLessThan(5)
  })
})

describe('partition and combine', () => {
  const params = { kind: 'net', l1: { w: x, n: 3 }, flag: true, none: null, l2: [y] }

  it('part a tree by leaf and path, with static leaves in both', () => {
    const [numbers, rest] = tree.partition(params, (leaf) => typeof leaf === 'number')
    expect(numbers).toStrictEqual({ kind: 'net', l1: { w: null, n: 3 }, flag: null, none: null, l2: [null] })
    expect(rest).toStrictEqual({ kind: 'net', l1: { w: x, n: null }, flag: true, none: null, l2: [y] })
    const [second] = tree.partition(params, (_, path) => path.startsWith('l2/'))
    expect(tree.paths(second)).toEqual(['l2/0'])
  })

  it('are inverse', () => {
    fc.assert(
      fc.property(arbitrary, fc.func(fc.boolean()), (t, choose) => {
        const [a, b] = tree.partition(t, (leaf, path) => choose(String(leaf), path))
        expect(tree.combine(a, b)).toStrictEqual(t)
        expect(tree.combine(b, a)).toStrictEqual(t)
      }),
    )
  })

  it('refuse what are no halves of one tree', () => {
    expect(() => tree.combine({ w: x }, { w: y })).toThrow(TreeError)
    expect(() => tree.combine({ w: [x] }, { w: [null, y] })).toThrow("combine: chosen and rest cannot be joined at 'w': [*] and [null, *]")
    expect(() => tree.combine({ a: x }, { b: y })).toThrow('chosen and rest cannot be joined: {a: *} and {b: *}')
    expect(() => tree.combine({ k: 'a' }, { k: 'b' })).toThrow("chosen and rest cannot be joined at 'k': 'a' and 'b'")
    expect(() => tree.combine({ k: [x] }, { k: 'b' })).toThrow(TreeError)
  })
})
