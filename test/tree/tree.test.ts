import fc from 'fast-check'
import * as O from 'fp-ts/lib/Option.js'
import * as E from 'fp-ts/lib/Either.js'
import { MonoidSum } from 'fp-ts/lib/number.js'
import { describe, expect, it } from 'vitest'
import { TreeError } from '../../src/core/errors.js'
import { scalar } from '../../src/core/tensor.js'
import * as tree from '../../src/tree/index.js'

const x = scalar(1)
const y = scalar(2)
const z = scalar(3)

/** Trees of numbers with awkward keys and empty places. */
const { arbitrary } = fc.letrec<{ arbitrary: tree.Tree }>((tie) => ({
  arbitrary: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: -9, max: 9 }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('arbitrary'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'w', '10', '9', '__proto__', 'x y'), tie('arbitrary'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

describe('flatten', () => {
  it('lists leaves with keys sorted and restores the original order of keys', () => {
    const t = { w: x, b: [y, { z: 1, a: true }], none: null }
    const { leaves, structure } = tree.flatten(t)
    expect(leaves).toEqual([y, true, 1, x])
    const back = tree.unflatten(structure, leaves)
    expect(back).toEqual(t)
    expect(Object.keys(back)).toEqual(['w', 'b', 'none'])
    expect(back.w).toBe(x)
  })

  it('takes null and undefined for empty subtrees and keeps which it was', () => {
    const t = [null, undefined, { a: undefined }]
    const { leaves, structure } = tree.flatten(t)
    expect(leaves).toEqual([])
    expect(tree.unflatten(structure, [])).toStrictEqual(t)
    expect(tree.sameStructure([null], [undefined])).toBe(true)
    expect(tree.sameStructure([null], [1])).toBe(false)
  })

  it('interns structures: same keys in any order have one canonical structure', () => {
    const a = tree.structure({ w: x, b: [y] })
    const b = tree.structure({ b: [z], w: x })
    expect(tree.structure({ w: z, b: [z] })).toBe(a)
    expect(a).not.toBe(b)
    expect(tree.equals(a, b)).toBe(true)
    expect(a.id).toBe(b.id)
    expect(tree.structure({ w: x, b: [y, y] }).id).not.toBe(a.id)
    expect(tree.structure({ 0: x }).id).not.toBe(tree.structure([x]).id)
    expect(tree.structure({}).id).not.toBe(tree.structure([]).id)
  })

  it('is undone by unflatten, for every tree', () => {
    fc.assert(
      fc.property(arbitrary, (t) => {
        const { leaves, structure } = tree.flatten(t)
        expect(structure.count).toBe(leaves.length)
        expect(tree.paths(t).length).toBe(leaves.length)
        const back = tree.unflatten(structure, leaves)
        expect(back).toStrictEqual(t)
        expect(tree.structure(back)).toBe(structure)
      }),
    )
  })

  it('checks the number of leaves', () => {
    expect(() => tree.unflatten(tree.structure([1, 2]), [1])).toThrow('[*, *] has 2 leaves, got 1')
  })

  it('takes records of other realms and without a prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { w: 1 })
    expect(tree.leaves(bare)).toEqual([1])
  })
})

describe('errors', () => {
  class Layer {
    readonly w = x
  }
  it.each([
    ['typed arrays', { a: [new Float32Array(2)] }, "a Float32Array at 'a/0'", 'np.array(...)'],
    ['class instances', { l: new Layer() }, "an instance of Layer at 'l'", '{ ...fields }'],
    ['maps', { l: new Map() }, "a Map at 'l'", 'Object.fromEntries'],
    ['symbols', [Symbol('no')], "a symbol at '0'", 'a string'],
    ['promises', Promise.resolve(1), 'a Promise at the root', 'await'],
  ])('rejects %s, naming the path', (_, t, what, fix) => {
    expect(() => tree.flatten(t)).toThrow(TreeError)
    expect(() => tree.flatten(t)).toThrow(what)
    expect(() => tree.flatten(t)).toThrow(fix)
  })

  it('finds cycles and says where they close', () => {
    const parent: { child: { up?: unknown } } = { child: {} }
    parent.child.up = parent
    expect(() => tree.flatten({ model: parent })).toThrow("'model/child/up' is the same object as 'model' above it")
  })

  it('is not bothered by deep trees without cycles, nor by shared subtrees', () => {
    let deep: tree.Tree = 1
    for (let i = 0; i < 1000; i++) deep = [deep]
    expect(tree.leaves(deep)).toEqual([1])
    const part = { w: x }
    expect(tree.leaves([part, part])).toEqual([x, x])
  })

  it('names where two trees differ and both structures', () => {
    expect(() => tree.map((a) => a, { l1: { w: x, b: y } }, { l1: { w: x } })).toThrow(
      /map: trees differ at 'l1': \{b: \*, w: \*\} and \{w: \*\}[^]*first: \{l1: \{w: \*, b: \*\}\}/,
    )
    expect(() => tree.map((a) => a, { w: [x, null] }, { w: [x, y] })).toThrow("at 'w/1': null and *")
  })
})

describe('map', () => {
  it('matches keys by name, whatever their order', () => {
    const r = tree.map((a: number, b: number) => a - b, { w: 10, b: [20] }, { b: [2], w: 1 })
    expect(r).toEqual({ w: 9, b: [18] })
    expect(Object.keys(r)).toEqual(['w', 'b'])
  })

  it('takes any number of trees', () => {
    expect(tree.map((a: number, b: number, c: number) => a + b + c, [1, 2], [10, 20], [100, 200])).toEqual([111, 222])
  })

  it('obeys the functor laws', () => {
    const f = (v: tree.Leaf): number => Number(v) + 1
    const g = (v: tree.Leaf): number => Number(v) * 2
    fc.assert(
      fc.property(arbitrary, (t) => {
        expect(tree.map((v) => v, t)).toStrictEqual(t)
        expect(tree.map((v) => g(f(v)), t)).toStrictEqual(tree.map(g, tree.map(f, t)))
      }),
    )
  })

  it('does not mutate or share containers', () => {
    const t = Object.freeze({ w: Object.freeze([1, 2]) })
    const r = tree.map((v) => v, t)
    expect(r).not.toBe(t)
    expect(r.w).not.toBe(t.w)
  })
})

describe('paths', () => {
  it('names leaves in order', () => {
    expect(tree.paths({ l1: { w: x, b: y }, l2: [z] })).toEqual(['l1/b', 'l1/w', 'l2/0'])
    expect(tree.paths(x)).toEqual([''])
  })

  it('gets and replaces, sharing the rest', () => {
    const t = { l1: { w: 1, b: 2 }, l2: [3, 4] as const }
    expect(tree.get(t, 'l2/1')).toBe(4)
    expect(tree.get(t, '')).toBe(t)
    const u = tree.at(t, 'l1/w', (v: number) => v + 10)
    expect(u).toEqual({ l1: { w: 11, b: 2 }, l2: [3, 4] })
    expect(u.l2).toBe(t.l2)
    expect(tree.at(t, ['l2', 0], () => 0)).toEqual({ l1: { w: 1, b: 2 }, l2: [0, 4] })
    expect(t.l1.w).toBe(1)
    expect(() => tree.at(t, 'l1/c', () => 0)).toThrow(/no 'c' in 'l1'[^]*one of: w, b/)
    expect(() => tree.get(t, 'l2/7')).toThrow(/0 to 1/)
    expect(() => tree.get(t, 'l1/toString')).toThrow(TreeError)
  })

  it('reaches every leaf by its path', () => {
    fc.assert(
      fc.property(
        arbitrary.filter((t) => tree.leaves(t).length > 0),
        (t) => {
          const names = tree.paths(t)
          expect(names.length).toBe(tree.leaves(t).length)
          expect(names.every((name, i) => tree.get(t, name) === tree.leaves(t)[i])).toBe(true)
          expect(tree.mapWithPath((path, leaf) => tree.get(t, path) === leaf, t)).toEqual(tree.map(() => true, t))
        },
      ),
    )
  })
})

describe('folds', () => {
  it('reduces in the order of leaves', () => {
    expect(tree.reduce((acc, v) => acc + String(v), { b: 1, a: [2, 3] }, '')).toBe('231')
    expect(tree.foldMap(MonoidSum)((v: number) => v)({ b: 1, a: [2, 3] })).toBe(6)
  })

  it('traverses under an applicative', () => {
    const log = (v: number): O.Option<number> => (v > 0 ? O.some(v * 2) : O.none)
    expect(tree.traverse(O.Applicative)(log)({ b: 1, a: [2, null] })).toEqual(O.some({ b: 2, a: [4, null] }))
    expect(tree.traverse(O.Applicative)(log)({ b: 1, a: [-2] })).toEqual(O.none)
  })

  it('accumulates all errors of a validation', () => {
    const V = E.getApplicativeValidation({ concat: (a: number[], b: number[]) => [...a, ...b] })
    const check = (v: number): E.Either<number[], number> => (v < 0 ? E.left([v]) : E.right(v))
    expect(tree.traverse(V)(check)([-1, [2, -3], { k: -4 }])).toEqual(E.left([-1, -3, -4]))
  })

  it('obeys the identity law of traversals', () => {
    fc.assert(
      fc.property(arbitrary, (t) => {
        expect(tree.traverse(O.Applicative)((v: tree.Leaf) => O.some(v))(t)).toStrictEqual(O.some(t))
      }),
    )
  })
})

describe('show', () => {
  it('prints structures in the original order of keys', () => {
    expect(tree.show(tree.structure({ l1: { w: x, b: y }, rest: [z, null] }))).toBe('{l1: {w: *, b: *}, rest: [*, null]}')
  })
})
