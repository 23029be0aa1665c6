import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import {
  evalShape,
  grad,
  hvp,
  jit,
  jvp,
  nn,
  np,
  random,
  scan,
  shapeDtype,
  stopGradient,
  tree,
  valueAndGrad,
  vmap,
} from '../../src/index.js'
import { checkGrads } from '../../laws/index.js'
import { thrown, untyped } from '../errors/thrown.js'

const f64 = (x: unknown): Tensor => np.array(x as readonly number[], { dtype: 'float64' })
const draw = (k: number, shape: readonly number[]): Tensor => random.normal(random.key(k), shape, { dtype: 'float64' })
const key = random.key(0)
const close = (a: Tensor, b: Tensor, digits = 12): void => {
  expect(a.shape).toEqual(b.shape)
  expect(np.allclose(a, b, { rtol: 10 ** -digits, atol: 10 ** -digits })).toBe(true)
}
const wide = { dtype: 'float64' } as const

/** Inputs and parameters in eighths; outputs of PyTorch 2.13.0 (torch.nn.GRU, torch.nn.LSTM, float64) for them. */
const x = f64([
  [
    [0.875, 0.25],
    [-0.5, -0.25],
    [0.125, -1.0],
  ],
  [
    [-1.25, -1.125],
    [1.25, -0.5],
    [-1.375, 0.5],
  ],
])

describe('gru', () => {
  const params = {
    wx: f64([
      [0.875, -0.5, -1.375, 0.875, 0.5, -1.0, 1.5, 0.5, 0.875],
      [0.875, 1.5, -0.875, -0.75, 0.0, 0.125, -0.25, 1.0, -0.25],
    ]),
    wh: f64([
      [1.25, 1.5, -0.125, 0.125, -1.125, 0.75, 1.125, 0.25, 1.125],
      [-0.625, -0.5, 1.0, -0.625, 1.125, 0.375, 0.875, 1.375, 0.5],
      [-0.125, -0.875, -1.125, -0.75, -1.375, -1.25, 1.5, -1.375, 0.125],
    ]),
    b: f64([1.5, -1.5, -1.5, 0.75, -0.625, 0.75, 0.0, -1.25, 1.0]),
    bn: f64([-0.25, -0.875, 1.375]),
  }
  const state = f64([
    [-0.75, 1.5, -1.125],
    [-1.375, -0.75, 0.75],
  ])
  it('gives the values of PyTorch', () => {
    const [y, h] = nn.gru(2, 3).applyWithState(params, { state })(x)
    const right = f64([
      [
        [-0.5084661977389665, 1.4630390431171743, -0.6789622379587972],
        [-0.6067104323327887, 1.2409712855414523, -0.5213149746184021],
        [-0.4054425394282639, 1.0264914535935596, -0.16354377819247545],
      ],
      [
        [-1.1841394792830489, -0.9533278684836068, 0.2940986825524682],
        [-1.0547993574918688, -0.882217105182892, 0.9067170200985702],
        [-1.0052747362489696, -0.947265036054322, 0.2651966034065801],
      ],
    ])
    close(y, right)
    close(h, np.index(right, ':', -1))
  })
  it('gives the gradients of PyTorch', () => {
    const weight = np.reshape(np.arange(18, wide), [2, 3, 3])
    const slopes = grad((p: typeof params) => np.sum(np.mul(weight, nn.gru(2, 3).apply(p, { state })(x))))(params)
    close(slopes.bn, f64([1.922303135488225, 0.22972305124031195, 6.146991720030652]))
    close(
      np.index(slopes.wx, 0),
      f64([
        -0.09942806552013321, 0.5994741084824711, 1.7096093286380616, 0.9247376841349715, -2.309933500689084, -16.14663469238869,
        -1.0872352331564041, 1.9657269575647351, -23.352320327190718,
      ]),
    )
    close(
      np.index(slopes.wh, 2),
      f64([
        -0.24893236228354484, -0.5593510883401065, -1.093209529355964, -3.0491263360325025, -2.528112136567053, 14.713095776842323,
        0.2758293695152798, 0.12441005482106092, 4.445374458716927,
      ]),
    )
  })
})

describe('bidirectional', () => {
  const params = {
    forward: {
      wx: f64([
        [1.125, 0.875, 0.5, -0.75, 0.375, -0.625, 0.875, 0.875],
        [-0.5, 0.875, 0.125, -0.375, -0.5, 0.875, -1.125, -0.25],
      ]),
      wh: f64([
        [-0.5, 1.25, -0.5, -0.25, 0.5, 1.125, -0.25, -1.25],
        [0.0, -0.875, 1.125, -0.75, 0.375, -0.375, -1.5, -0.5],
      ]),
      b: f64([1.125, 1.25, -0.5, -1.5, -0.375, -0.375, 1.375, 0.875]),
    },
    backward: {
      wx: f64([
        [-0.375, 0.875, -0.25, -0.625, 0.25, -1.5, 0.125, 0.125],
        [-0.625, -0.5, 1.0, 1.5, 0.25, 0.75, -0.125, -1.125],
      ]),
      wh: f64([
        [-0.75, -1.25, -0.5, -0.375, -1.375, 1.0, -0.375, 0.375],
        [-0.375, 0.875, -1.25, 1.0, -0.25, 0.5, -0.375, 0.875],
      ]),
      b: f64([0.875, -0.875, 1.5, 1.25, 0.0, 0.625, 1.125, 0.25]),
    },
  }
  const right = f64([
    [
      [-0.12850823981087386, -0.413476449660159, 0.09854680728525246, -0.09317817109847687],
      [-0.348852289807817, -0.24630195762330848, -0.09557781218315356, 0.05177944670840141],
      [-0.21382244504354686, -0.4759050685740274, -0.13475707773749226, -0.10458627267741552],
    ],
    [
      [-0.12772338338801015, -0.08104683967508006, -0.2990591441070279, -0.11307711433148292],
      [0.14442776002858956, -0.6141450868673969, 0.09091608836647803, -0.3745254438085459],
      [-0.15652897595534412, 0.12282257448438445, -0.11294328629958232, 0.03362461359707859],
    ],
  ])
  it('gives the values of PyTorch’s LSTM', () => {
    const model = nn.bidirectional(nn.lstmCell(2, 2), nn.lstmCell(2, 2))
    const [y, state] = model.applyWithState(params)(x)
    close(y, right)
    close(
      state.forward.c,
      f64([
        [-0.22763997201889202, -0.6256901514188946],
        [-0.2575404225338333, 0.30193543128538813],
      ]),
    )
    close(
      state.backward.c,
      f64([
        [0.12835416586207388, -0.18047633503273713],
        [-0.4091236963174815, -0.15321615315739998],
      ]),
    )
  })
  it('merges as told, and gives the last outputs of both', () => {
    const sum = nn.bidirectional(nn.lstmCell(2, 2), nn.lstmCell(2, 2), { merge: np.add })
    close(sum.apply(params)(x), np.add(np.index(right, '...', ':2'), np.index(right, '...', '2:')))
    const last = nn.bidirectional(nn.lstmCell(2, 2), nn.lstmCell(2, 2), { returnSequences: false }).apply(params)(x)
    close(last, np.concatenate([np.index(right, ':', -1, ':2'), np.index(right, ':', 0, '2:')], { axis: -1 }))
  })
  it('goes on from a state', () => {
    const model = nn.bidirectional(nn.gruCell(2, 3, wide), nn.rnnCell(2, 3, wide))
    const p = model.init(key)
    const zero = model.initState(x.shape)
    close(model.apply(p, { state: zero })(x), model.apply(p)(x))
    const [, state] = model.applyWithState(p)(x)
    expect(np.allclose(model.apply(p, { state })(x), model.apply(p)(x))).toBe(false)
  })
})

/** One of each kind, over sequences of 3 numbers with 4 hidden ones. */
const kinds = {
  rnn: (o: nn.RecurrentOptions = {}) => nn.rnn(3, 4, { ...wide, ...o }),
  relu: (o: nn.RecurrentOptions = {}) => nn.rnn(3, 4, { ...wide, ...o, activation: nn.relu }),
  lstm: (o: nn.RecurrentOptions = {}) => nn.lstm(3, 4, { ...wide, ...o }),
  gru: (o: nn.RecurrentOptions = {}) => nn.gru(3, 4, { ...wide, ...o }),
} as unknown as Readonly<Record<string, (o?: nn.RecurrentOptions) => nn.Layer<nn.RecurrentParams, Tensor>>>
const cells = { rnn: nn.rnnCell(3, 4, wide), lstm: nn.lstmCell(3, 4, wide), gru: nn.gruCell(3, 4, wide) } as unknown as Readonly<
  Record<string, nn.Cell<nn.RecurrentParams, Tensor>>
>
const xs = draw(1, [2, 7, 3])

describe.each(Object.keys(kinds))('%s', (kind) => {
  const make = kinds[kind]!
  const params = make().init(key)
  const [ys, carry] = make().applyWithState(params)(xs)
  const loss = (o: nn.RecurrentOptions) => (p: nn.RecurrentParams, v: Tensor) => np.sum(np.sin(make(o).apply(p)(v)))

  it('has the shapes it says', () => {
    expect(ys.shape).toEqual([2, 7, 4])
    expect(make().apply(params)(np.index(xs, 0)).shape).toEqual([7, 4])
    expect(make().apply(params)(np.reshape(xs, [2, 1, 7, 3])).shape).toEqual([2, 1, 7, 4])
    expect(evalShape((v: Tensor) => make().apply(params)(v), shapeDtype([9, 5, 3], 'float64')).shape).toEqual([9, 5, 4])
  })
  it('treats examples of a batch alike, time first or second', () => {
    close(make().apply(params)(np.index(xs, 1)), np.index(ys, 1))
    close(make({ timeMajor: true }).apply(params)(np.moveaxis(xs, 1, 0)), np.moveaxis(ys, 1, 0))
  })
  it('backwards is forwards on the sequence turned round', () => {
    const [back, state] = make({ reverse: true }).applyWithState(params)(np.flip(xs, { axis: 1 }))
    close(np.flip(back, { axis: 1 }), ys)
    tree.map(close as never, state, carry as never)
  })
  it('gives the last output alone when asked', () => {
    close(make({ returnSequences: false }).apply(params)(xs), np.index(ys, ':', -1))
    close(make({ returnSequences: false, reverse: true }).apply(params)(xs), np.index(make({ reverse: true }).apply(params)(xs), ':', 0))
  })
  it('goes on where a first part left off', () => {
    const [head, tail] = np.split(xs, [3], { axis: 1 }) as [Tensor, Tensor]
    const [first, state] = make().applyWithState(params)(head)
    const [second, last] = make().applyWithState(params, { state })(tail)
    close(np.concatenate([first, second], { axis: 1 }), ys)
    tree.map(close as never, last, carry as never)
    close(make().apply(params, { state: make().initState() })(xs), ys)
    close(make().apply(params, { state: make().initState(xs.shape) })(xs), ys)
  })
  it('truncation changes no value, in either direction, whatever the remainder', () => {
    for (const reverse of [false, true]) {
      const [whole, end] = make({ reverse }).applyWithState(params)(xs)
      for (const truncate of [1, 2, 3, 4, 6, 7, 9]) {
        const [cut, state] = make({ reverse, truncate }).applyWithState(params)(xs)
        close(cut, whole)
        tree.map(close as never, state, end as never)
      }
    }
  })
  it.each([2, 3])('truncation to %i steps has the gradient of pieces with a constant carry between them', (k) => {
    const pieces = (p: nn.RecurrentParams, v: Tensor): Tensor => {
      const parts = np.split(
        v,
        [k, 2 * k, 3 * k].filter((n) => n < 7),
        { axis: 1 },
      )
      return parts.reduce<readonly [Tensor, Tensor]>(
        ([total, state], part) => {
          const [y, next] = make().applyWithState(p, { state: tree.map(stopGradient as never, state) })(part)
          return [np.add(total, np.sum(np.sin(y))), next]
        },
        [np.zeros([], wide), make().initState([2, 7, 3])],
      )[0]
    }
    const cut = grad(loss({ truncate: k }), { argnums: [0, 1] })(params, xs)
    tree.map(close as never, cut, grad(pieces, { argnums: [0, 1] })(params, xs) as never)
    const whole = grad(loss({}))(params, xs)
    expect(np.allclose(cut[0].wh, whole.wh)).toBe(false)
    const backwards = (v: Tensor): Tensor => np.flip(v, { axis: 1 })
    const turned = grad((v: Tensor) => loss({ truncate: k, reverse: true })(params, backwards(v)))(xs)
    close(turned, cut[1])
  })
  it('is the same with checkpoints, under jit, vmap and as a model of many', () => {
    const [value, slopes] = valueAndGrad(loss({}))(params, xs)
    for (const run of [valueAndGrad(loss({ checkpoint: true })), jit(valueAndGrad(loss({}))), valueAndGrad(loss({ truncate: 7 }))]) {
      const [v, d] = run(params, xs)
      close(v, value)
      tree.map(close as never, d, slopes as never)
    }
    close(vmap((v: Tensor) => make().apply(params)(v))(xs), ys)
    const keys = random.split(key, 3)
    const many = vmap((k: Tensor) => make().init(k))(np.stack(keys))
    const each = vmap(loss({}), { inAxes: [0, null] })(many, xs)
    close(np.index(each, 1), loss({})(make().init(keys[1]), xs))
  })
  it('has the derivatives that differences have, to second order', () => {
    const short = np.index(xs, ':1', ':3')
    checkGrads((p: nn.RecurrentParams, v: Tensor) => make().apply(p)(v), [params, short], { order: 2 })
    const f = (v: Tensor): Tensor => loss({})(params, v)
    const [u, w] = [draw(2, short.shape), draw(3, short.shape)]
    const mixed = np.sum(np.mul(jvp(grad(f), [short], [u])[1], w))
    close(mixed, np.sum(np.mul(hvp(f)(short, w), u)), 10)
  })
})

describe('cells', () => {
  it.each(Object.keys(cells))('%s: apply is a step for scan', (kind) => {
    const cell = cells[kind]!
    const params = cell.init(key)
    const [, ys] = scan(cell.apply(params) as never, cell.initCarry([2]), np.moveaxis(xs, 1, 0)) as unknown as [Tensor, Tensor]
    close(ys, np.moveaxis(kinds[kind]!().apply(params)(xs), 1, 0))
  })
  it('draw parameters of the shapes, dtype and variance they say', () => {
    const shapes = (p: unknown) => tree.leaves(p).map((t) => `${(t as Tensor).dtype}[${(t as Tensor).shape.join(',')}]`)
    expect(shapes(nn.rnnCell(3, 4).init(key))).toEqual(['float32[4]', 'float32[4,4]', 'float32[3,4]'])
    expect(shapes(nn.lstmCell(4).init(key, [2, 5, 3]))).toEqual(['float32[16]', 'float32[4,16]', 'float32[3,16]'])
    expect(shapes(nn.gruCell(3, 4, wide).init(key))).toEqual(['float64[12]', 'float64[4]', 'float64[4,12]', 'float64[3,12]'])
    const { wh } = nn.lstmCell(10, 200).init(key)
    expect(Number(np.var(wh)) * 200).toBeCloseTo(1, 1)
    expect(nn.lstmCell(1, 2, { forgetBias: 1 }).init(key).b.toArray()).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
    expect(
      nn
        .gruCell(1, 2, { bInit: nn.init.constant(3) })
        .init(key)
        .bn.toArray(),
    ).toEqual([3, 3])
  })
  it('are written by users too', () => {
    const sums = nn.recurrent(
      nn.cell({
        name: 'sums',
        gen: () => random.gen.of(null),
        initCarry: (batch = [], dtype = 'float32') => np.zeros([...batch, 2], { dtype }),
        step: () => (carry: Tensor, v) => {
          const next = np.add(carry, v)
          return [next, next]
        },
      }),
    )
    expect(
      sums
        .apply(null)(np.ones([1, 3, 2]))
        .toArray(),
    ).toEqual([
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ])
  })
  it('compose with other layers, each with a state of its own', () => {
    const model = nn.sequential(nn.dense(3, 5), nn.lstm(5, 4), np.tanh, nn.gru(4, { returnSequences: false }), nn.dense(2))
    const params = model.init(key, [2, 7, 3])
    const v = np.astype(xs, 'float32')
    const [y, state] = model.applyWithState(params)(v)
    expect(y.shape).toEqual([2, 2])
    expect(state[1].c.shape).toEqual([2, 4])
    expect(state[3].shape).toEqual([2, 4])
    const again = model.apply(params, { state })(v)
    expect(np.allclose(again, y)).toBe(false)
  })
})

describe('errors of recurrent layers', () => {
  const model = nn.lstm(3, 4)
  const params = model.init(key)
  it('say what is wrong', () => {
    expect(thrown(() => nn.rnn(4).init(key))).toMatch(/ShapeError: rnn: the input size is unknown[\s\S]*try: rnn\(inputs, hidden\)/)
    expect(thrown(() => nn.gru(3, 0))).toMatch(/ValueError: gru: hidden must be a whole number from 1, got 0/)
    expect(thrown(() => nn.lstm(1.5, 2))).toMatch(/ValueError: lstm: inputs must be a whole number from 1, got 1.5/)
    expect(thrown(() => nn.rnn(3, 4, { truncate: 0 }))).toMatch(/ValueError: rnn: truncate must be a whole number from 1, got 0/)
    expect(thrown(() => model.apply(params)(np.ones([3])))).toMatch(
      /ShapeError: lstm: a sequence has a time axis and a feature axis, got shape \[3\]/,
    )
    expect(thrown(() => model.apply(params)(np.ones([2, 5, 2])))).toMatch(/matmul[\s\S]*in: lstm/)
  })
  it('say that a state is another’s', () => {
    const state = model.initState([3, 5, 3])
    expect(thrown(() => model.apply(params, { state })(np.ones([2, 5, 3])))).toMatch(
      /ShapeError: lstm: the state does not fit the batch[\s\S]*float32\[3,4\][\s\S]*float32\[2,4\]/,
    )
    expect(thrown(() => model.apply(params, { state: untyped(np.zeros([2, 4])) })(np.ones([2, 5, 3])))).toMatch(
      /the state is not the carry/,
    )
  })
})
