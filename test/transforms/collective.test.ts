import { describe, expect, it } from 'vitest'
import {
  allGather,
  allToAll,
  axisIndex,
  cond,
  customJvp,
  grad,
  jit,
  jvp,
  np,
  pmax,
  pmean,
  pmin,
  ppermute,
  pshuffle,
  psum,
  psumScatter,
  scan,
  vmap,
  whileLoop,
} from 'adjoint'
import type { AxisName, Tensor } from 'adjoint'
import { thrown, untyped } from '../errors/thrown.js'

const over = (f: (x: Tensor) => Tensor) => vmap(f, { axisName: 'i' })
const overBoth = (f: (x: Tensor) => Tensor) => vmap(vmap(f, { axisName: 'j' }), { axisName: 'i' })
const read = (x: Tensor): unknown => x.toArray()

const x = np.array([
  [1, 2, 3, 4],
  [5, 6, 7, 8],
])
const y = np.reshape(np.arange(8, { dtype: 'float32' }), [2, 2, 2])
const z = np.array([1, 2, 3])
const q = np.reshape(np.arange(6, { dtype: 'float32' }), [2, 3])

// The expected numbers are JAX's, version 0.10.2.
describe('collectives as JAX has them', () => {
  it('sums, means and extremes', () => {
    expect(read(over((v) => pmax(v, 'i'))(x))).toEqual([
      [5, 6, 7, 8],
      [5, 6, 7, 8],
    ])
    expect(read(over((v) => pmin(v, 'i'))(x))).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
    const counts = over((v) => psum(np.greater(v, 4), 'i'))(x)
    expect([counts.dtype, read(counts)]).toEqual([
      'int32',
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    ])
    expect(read(over((v) => pmean(v, 'i'))(np.array([1, 2], { dtype: 'int32' })))).toEqual([1.5, 1.5])
    expect(read(over((v) => pmax(np.greater(v, 4), 'i'))(x))).toEqual([
      [true, true, true, true],
      [true, true, true, true],
    ])
    expect(read(over((v) => np.mul(v, psum(1, 'i')))(z))).toEqual([3, 6, 9])
  })

  it('allGather along any axis, tiled or not', () => {
    const columns = [
      [1, 5],
      [2, 6],
      [3, 7],
      [4, 8],
    ]
    expect(read(over((v) => allGather(v, 'i', { axis: 1 }))(x))).toEqual([columns, columns])
    expect(read(over((v) => allGather(v, 'i', { axis: -1 }))(x))).toEqual([columns, columns])
    expect(read(over((v) => allGather(v, 'i', { tiled: true }))(x))).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ])
  })

  it('psumScatter', () => {
    expect(read(over((v) => psumScatter(v, 'i'))(y))).toEqual([
      [4, 6],
      [8, 10],
    ])
    expect(read(over((v) => psumScatter(v, 'i', { scatterDimension: 1 }))(y))).toEqual([
      [4, 8],
      [6, 10],
    ])
    expect(read(over((v) => psumScatter(v, 'i', { tiled: true }))(x))).toEqual([
      [6, 8],
      [10, 12],
    ])
    expect(read(over(() => psumScatter(np.array([1, 2]), 'i'))(x))).toEqual([2, 4])
  })

  it('ppermute and pshuffle; who gets nothing has zeros', () => {
    const ring = [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const
    expect(read(over((v) => ppermute(v, 'i', ring))(z))).toEqual([3, 1, 2])
    expect(read(over((v) => ppermute(v, 'i', ring.slice(0, 2)))(z))).toEqual([0, 1, 2])
    expect(read(over((v) => ppermute(v, 'i', []))(z))).toEqual([0, 0, 0])
    expect(read(over(() => ppermute(np.array(7), 'i', [[2, 1]]))(z))).toEqual([0, 7, 0])
    expect(read(over((v) => pshuffle(v, 'i', [2, 0, 1]))(z))).toEqual([3, 1, 2])
  })

  it('allToAll', () => {
    expect(read(over((v) => allToAll(v, 'i', 0, 0))(y))).toEqual([
      [
        [0, 1],
        [4, 5],
      ],
      [
        [2, 3],
        [6, 7],
      ],
    ])
    expect(read(over((v) => allToAll(v, 'i', 0, 1))(y))).toEqual([
      [
        [0, 4],
        [1, 5],
      ],
      [
        [2, 6],
        [3, 7],
      ],
    ])
    const w = np.reshape(np.arange(16, { dtype: 'float32' }), [2, 4, 2])
    expect(read(over((v) => allToAll(v, 'i', 0, 1, { tiled: true }))(w))).toEqual([
      [
        [0, 1, 8, 9],
        [2, 3, 10, 11],
      ],
      [
        [4, 5, 12, 13],
        [6, 7, 14, 15],
      ],
    ])
    expect(read(over((v) => allToAll(v, 'i', 0, 0, { tiled: true }))(w))).toEqual([
      [
        [0, 1],
        [2, 3],
        [8, 9],
        [10, 11],
      ],
      [
        [4, 5],
        [6, 7],
        [12, 13],
        [14, 15],
      ],
    ])
    expect(read(over(() => allToAll(np.array([1, 2]), 'i', 0, 0))(x))).toEqual([
      [1, 1],
      [2, 2],
    ])
  })

  it('derivatives', () => {
    const sumOf = (f: (v: Tensor) => Tensor) => over(grad((v: Tensor) => np.sum(f(v))))
    expect(read(sumOf((v) => np.mul(v, psum(v, 'i')))(x))).toEqual([
      [12, 16, 20, 24],
      [12, 16, 20, 24],
    ])
    expect(read(sumOf((v) => np.square(allGather(v, 'i')))(x))).toEqual([
      [4, 8, 12, 16],
      [20, 24, 28, 32],
    ])
    const scattered = [
      [8, 12],
      [16, 20],
    ]
    expect(read(sumOf((v) => np.square(psumScatter(v, 'i')))(y))).toEqual([scattered, scattered])
    expect(read(sumOf((v) => np.mul(np.square(allToAll(v, 'i', 0, 0)), v))(y))).toEqual([
      [
        [0, 3],
        [32, 55],
      ],
      [
        [20, 39],
        [108, 147],
      ],
    ])
    expect(read(sumOf((v) => np.square(ppermute(v, 'i', [[0, 1], [1, 2]])))(z))).toEqual([2, 4, 0]) // prettier-ignore
  })

  it('several axes at once', () => {
    const both = ['i', 'j'] as const
    const swapped = ['j', 'i'] as const
    const s = np.reshape(np.arange(36, { dtype: 'float32' }), [2, 3, 6])
    expect(read(overBoth((v) => psum(v, both))(q))).toEqual([
      [15, 15, 15],
      [15, 15, 15],
    ])
    expect(read(overBoth((v) => pmean(v, both))(q))).toEqual([
      [2.5, 2.5, 2.5],
      [2.5, 2.5, 2.5],
    ])
    expect(read(overBoth((v) => pmax(v, both))(q))).toEqual([
      [5, 5, 5],
      [5, 5, 5],
    ])
    expect(read(overBoth(() => axisIndex(both))(q))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    expect(read(overBoth(() => axisIndex(swapped))(q))).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ])
    expect(read(overBoth((v) => psum(v, []))(q))).toEqual(read(q))
    expect(read(overBoth((v) => allToAll(v, both, 0, 0))(s))).toEqual([
      [
        [0, 6, 12, 18, 24, 30],
        [1, 7, 13, 19, 25, 31],
        [2, 8, 14, 20, 26, 32],
      ],
      [
        [3, 9, 15, 21, 27, 33],
        [4, 10, 16, 22, 28, 34],
        [5, 11, 17, 23, 29, 35],
      ],
    ])
    expect(read(overBoth((v) => allToAll(v, swapped, 0, 0))(s))).toEqual([
      [
        [0, 18, 6, 24, 12, 30],
        [2, 20, 8, 26, 14, 32],
        [4, 22, 10, 28, 16, 34],
      ],
      [
        [1, 19, 7, 25, 13, 31],
        [3, 21, 9, 27, 15, 33],
        [5, 23, 11, 29, 17, 35],
      ],
    ])
  })

  it('several axes at once are one of all members, in the order of axisIndex', () => {
    const s = np.reshape(np.arange(36, { dtype: 'float32' }), [2, 3, 6])
    for (const names of [
      ['i', 'j'],
      ['j', 'i'],
    ] as const) {
      // Member k of the one axis is the member of both at axisIndex k.
      const order = [0, 1, 2, 3, 4, 5].map((k) => (names[0] === 'i' ? k : (k % 2) * 3 + Math.floor(k / 2)))
      const inverse = order.map((_, k) => order.indexOf(k))
      const asOne = (f: (v: Tensor, name: AxisName) => Tensor, of: Tensor): unknown => {
        const flat = np.take(np.reshape(of, [6, ...of.shape.slice(2)]), np.array(order, { dtype: 'int32' }), { axis: 0 })
        const result = np.take(over((v) => f(v, 'i'))(flat), np.array(inverse, { dtype: 'int32' }), { axis: 0 })
        return read(np.reshape(result, [2, 3, ...result.shape.slice(1)]))
      }
      const check = (f: (v: Tensor, name: AxisName) => Tensor, of: Tensor): void => {
        expect(read(overBoth((v) => f(v, names))(of))).toEqual(asOne(f, of))
      }
      check((v, n) => allGather(v, n), q)
      check((v, n) => allGather(v, n, { tiled: true, axis: -1 }), s)
      check((v, n) => psumScatter(v, n), s)
      check((v, n) => psumScatter(np.concatenate([v, v]), n, { tiled: true }), s)
      check((v, n) => allToAll(v, n, 0, 0), s)
      check((v, n) => allToAll(np.reshape(np.concatenate([v, v]), [12, 1]), n, 0, 1, { tiled: true }), s)
    }
  })
})

describe('collectives, where JAX refuses or is silent', () => {
  it('pmax shares its derivative evenly among ties', () => {
    const tied = np.array([1, 2, 2])
    expect(read(grad((v: Tensor) => np.sum(over((w) => pmax(w, 'i'))(v)))(tied))).toEqual([0, 1.5, 1.5])
    expect(read(over(grad((w: Tensor) => pmin(w, 'i')))(tied))).toEqual([3, 0, 0])
    expect(read(jvp(over((w) => pmax(w, 'i')), [tied], [np.array([5, 1, 2])])[1])).toEqual([1.5, 1.5, 1.5]) // prettier-ignore
  })

  it('the innermost axis of a name is meant', () => {
    expect(
      read(
        vmap(
          over((v) => psum(v, 'i')),
          { axisName: 'i' },
        )(q),
      ),
    ).toEqual([
      [3, 3, 3],
      [12, 12, 12],
    ])
  })

  it('negative axes count from the end', () => {
    expect(read(over((v) => psumScatter(v, 'i', { scatterDimension: -1 }))(y))).toEqual([
      [4, 8],
      [6, 10],
    ])
    expect(read(over((v) => allToAll(v, 'i', -2, -1))(y))).toEqual(read(over((v) => allToAll(v, 'i', 0, 1))(y)))
  })

  it('inside of every form of control', () => {
    const three = np.array([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
    const all: Record<string, (v: Tensor) => Tensor> = {
      pmax: (v) => pmax(v, 'i'),
      pmin: (v) => pmin(v, 'i'),
      psumScatter: (v) => np.add(psumScatter(v, 'i'), np.mul(v, 0)),
      ppermute: (v) => ppermute(v, 'i', [[0, 2], [1, 1]]), // prettier-ignore
      allToAll: (v) => allToAll(v, 'i', 0, 0),
    }
    for (const [name, f] of Object.entries(all)) {
      const wraps: Record<string, (v: Tensor) => Tensor> = {
        jit: jit(f),
        cond: (v) => cond(np.greater(np.sum(v), 8), f, (w) => f(np.mul(w, 2)), v),
        scan: (v) => scan((c: Tensor, _: Tensor) => [f(c), c], v, np.zeros([1]))[0],
        while: (v) => whileLoop(([n]: readonly [Tensor, Tensor]) => np.less(n, 1), ([n, w]: readonly [Tensor, Tensor]) => [np.add(n, 1), f(w)] as const, [np.array(0), v] as const)[1], // prettier-ignore
      }
      const plain = read(over(f)(three))
      for (const [wrap, g] of Object.entries(wraps))
        if (wrap !== 'cond') expect([name, wrap, read(over(g)(three))]).toEqual([name, wrap, plain])
      expect(over(wraps['cond']!)(three).shape).toEqual([3, 3])
    }
  })

  it('inside of a function with its own derivative', () => {
    const f = customJvp(
      (v: Tensor) => psum(v, 'i'),
      ([v], [dv]) => [psum(v, 'i'), psum(dv, 'i')],
    )
    expect(read(over(f)(z))).toEqual([6, 6, 6])
  })
})

describe('what collectives refuse', () => {
  const message = (f: (v: Tensor) => unknown, of: Tensor = x): string => thrown(() => over(f as (v: Tensor) => Tensor)(of))
  it('axes that do not exist, sizes that do not divide', () => {
    expect([
      message((v) => allGather(v, 'i', { axis: 2 })),
      message((v) => allGather(np.sum(v), 'i', { tiled: true })),
      message((v) => psumScatter(v, 'i')),
      message((v) => psumScatter(v, 'i', { tiled: true }), np.ones([3, 4])),
      message((v) => psumScatter(v, 'i', { scatterDimension: 3 })),
      message((v) => allToAll(v, 'i', 0, 0)),
      message((v) => allToAll(v, 'i', 0, 1), np.sum(y, { axis: 0 })),
    ]).toMatchInlineSnapshot(`
      [
        "ShapeError: allGather: axis 2 is out of range for 2 dimensions
        try: an axis from -2 to 1",
        "ShapeError: allGather: axis 0 is out of range for 0 dimensions
        x: float32[]
        try: a scalar has no axes; leave axis out",
        "ShapeError: psumScatter: axis 0 has size 4, which is not the number of members, 2
        x: float32[4]
        try: one entry for each member; or { tiled: true } for a multiple of them",
        "ShapeError: psumScatter: axis 0 has size 4, which does not divide by the number of members, 3
        x: float32[4]
        try: np.pad to a multiple",
        "ShapeError: psumScatter: axis 3 is out of range for 1 dimension
        x: float32[4]
        try: an axis from -1 to 0",
        "ShapeError: allToAll: axis 0 has size 4, which is not the number of members, 2
        x: float32[4]
        try: one entry for each member; or { tiled: true } for a multiple of them",
        "ShapeError: allToAll: axis 1 is out of range for 1 dimension
        x: float32[2]
        try: an axis from -1 to 0",
      ]
    `)
  })
  it('routes that are none', () => {
    expect([
      message((v) => ppermute(v, 'i', [[0, 1], [0, 0]]), z), // prettier-ignore
      message((v) => ppermute(v, 'i', [[0, 1], [2, 1]]), z), // prettier-ignore
      message((v) => ppermute(v, 'i', [[0, 3]]), z),
      message((v) => ppermute(v, 'i', untyped([0, 1])), z),
      message((v) => ppermute(v, 'i', untyped({ 0: 1 })), z),
      message((v) => pshuffle(v, 'i', [0, 0, 1]), z),
      message((v) => pshuffle(v, 'i', [0, 1]), z),
    ]).toMatchInlineSnapshot(`
      [
        "ValueError: ppermute: member 0 sends twice in perm
        try: every source and every destination at most once; allGather to send one value to many",
        "ValueError: ppermute: member 1 receives twice in perm
        try: every source and every destination at most once; allGather to send one value to many",
        "ValueError: ppermute: perm names member 3, but 'i' has 3 members
        try: pairs [source, destination] of positions from 0 to 2",
        "ValueError: ppermute: perm is a list of pairs [source, destination], got 0 in it
        try: [[0, 1], [1, 0]]",
        "ValueError: ppermute: perm must be a list, got a record of 0
        try: [x, y]",
        "ValueError: pshuffle: [0, 0, 1] is not a permutation of the 3 members
        try: every position once; ppermute for some of them",
        "ValueError: pshuffle: [0, 1] is not a permutation of the 3 members
        try: every position once; ppermute for some of them",
      ]
    `)
  })
  it('names', () => {
    expect([
      message((v) => psum(v, 'j')),
      message((v) => psum(v, ['i', 'j'])),
      message((v) => psum(v, ['i', 'i'])),
      message((v) => psum(v, untyped(3))),
      message((v) => ppermute(v, ['i', 'i'], [])),
      thrown(() => overBoth((v) => ppermute(v, ['i', 'j'], []))(q)),
      message(() => axisIndex([])),
      thrown(() => psumScatter(x, 'i')),
      message((v) => allGather(v, 'i', untyped({ axes: 1 }))),
      message((v) => allToAll(v, 'i', untyped('0'), 0)),
    ]).toMatchInlineSnapshot(`
      [
        "TraceError: psum: no axis is named 'j' here
        try: vmap(f, { axisName: 'j' })",
        "TraceError: psum: no axis is named 'j' here
        try: vmap(f, { axisName: 'j' })",
        "ValueError: psum: axis 'i' is named twice
        try: every name once",
        "ValueError: psum: axisName must be a text, got 3
        try: String(x)",
        "ValueError: ppermute: axis 'i' is named twice
        try: every name once",
        "ValueError: ppermute: axisName must be one name, got ['i', 'j']
        try: one call for each axis, or one axis of all members",
        "ValueError: axisIndex: axisName is an empty list
        try: the name of an axis",
        "TraceError: psumScatter: no axis is named 'i' here
        try: vmap(f, { axisName: 'i' })",
        "ValueError: allGather: there is no option 'axes'; did you mean 'axis'?
        try: its options are axis, tiled",
        "ValueError: allToAll: splitAxis must be an axis: a whole number, got the string '0'
        try: its position; negative ones count from the end",
      ]
    `)
  })
})
