/** Every example in a short form: it learns what it should, and what it claims holds. */
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { parse, usage } from '../../examples/gallery/command.js'
import type { Result } from '../../examples/gallery/example.js'
import type { Name } from '../../examples/gallery/index.js'
import { gallery } from '../../examples/gallery/index.js'
import { epsilon } from '../../examples/gallery/privateSgd.js'

/** How long the short form is, and what must hold of its figures. */
interface Short {
  readonly steps: number
  readonly holds: (figure: (name: string) => number, result: Result) => void
}

const between = (value: number, low: number, high: number): void => {
  expect(value).toBeGreaterThan(low)
  expect(value).toBeLessThan(high)
}

const sine: Short['holds'] = (figure) => {
  expect(figure('training loss at last')).toBeLessThan(figure('training loss at first') / 20)
  expect(figure('test loss')).toBeLessThan(0.01)
}

/** Every example has an entry: the type says so. */
const shorts: Readonly<Record<Name, Short>> = {
  'sin-rnn': { steps: 40, holds: sine },
  'sin-lstm': { steps: 20, holds: sine },
  gan: {
    steps: 120,
    holds: (figure) => {
      expect(figure('mean picture, correlation after')).toBeGreaterThan(0.9)
      expect(figure('mean picture, correlation before')).toBeLessThan(0.5)
      expect(Math.abs(figure('brightness of samples') - figure('brightness of the data'))).toBeLessThan(0.1)
      between(figure('pixels that vary, over the data'), 0.3, 1.5)
    },
  },
  vae: {
    steps: 150,
    holds: (figure) => {
      expect(figure('test loss, nats per picture')).toBeLessThan(figure('a model of single pixels') - 10)
      between(figure('of these, told by the code'), 1, 20)
      expect(Math.abs(figure('brightness of samples') - figure('brightness of the data'))).toBeLessThan(0.05)
    },
  },
  'grad-cam': {
    steps: 80,
    holds: (figure) => {
      expect(figure('test accuracy')).toBeGreaterThan(0.9)
      expect(figure('heat on the thing')).toBeGreaterThan(1.5 * figure('the thing, of the picture'))
    },
  },
  'style-transfer': {
    steps: 60,
    holds: (figure) => {
      expect(figure('style, of the result')).toBeLessThan(figure('style, of the content') / 3)
      expect(figure('content, of the result')).toBeLessThan(figure('content, of the style') / 2)
    },
  },
  'neural-ode': {
    steps: 100,
    holds: (figure) => {
      expect(figure('loss at last')).toBeLessThan(figure('loss at first') / 20)
      expect(figure('checkpointed gradient differs by')).toBeLessThan(1e-12)
      // The adjoint is as exact as the solver: half the step, a sixteenth of the error.
      between(figure('adjoint gradient differs by, 20 steps') / figure('adjoint gradient differs by, 40 steps'), 12, 20)
    },
  },
  maml: {
    steps: 300,
    holds: (figure) => {
      expect(figure('loss after one step')).toBeLessThan(figure('loss before the step') / 2)
      expect(figure('loss after five steps')).toBeLessThan(figure('trained jointly, after five steps'))
      expect(Math.abs(figure('first-order gradient over the full one') - 1)).toBeGreaterThan(0.01)
    },
  },
  physics: {
    steps: 80,
    holds: (figure) => {
      expect(figure('residual of the exact solution')).toBeLessThan(1e-15)
      expect(figure('relative error of the solution')).toBeLessThan(0.02)
    },
  },
  hmc: {
    steps: 300,
    holds: (figure) => {
      between(figure('acceptance rate'), 0.9, 1)
      between(figure('split of the chains (R hat)'), 0.999, 1.01)
      expect(figure('mean - mode, in standard deviations')).toBeLessThan(0.3)
      expect(figure('Hessian times covariance - identity')).toBeLessThan(0.3)
    },
  },
  'private-sgd': {
    steps: 60,
    holds: (figure) => {
      expect(figure('test accuracy')).toBeGreaterThan(0.95)
      expect(figure('vmap of gradients and a loop differ by')).toBeLessThan(1e-5)
      between(figure('longest gradient'), 0.9, 1 + 1e-5)
      between(figure('noise, over what it should be'), 0.75, 1.25)
    },
  },
  ensemble: {
    steps: 30,
    holds: (figure) => {
      expect(figure('accuracy of the ensemble')).toBeGreaterThan(0.95)
      // The logarithm is concave: the mixture is never more surprised than its members are on average.
      expect(figure('test loss of the ensemble')).toBeLessThan(figure('test loss of a member, mean'))
      expect(figure('member 3 trained alone differs by')).toBeLessThan(1e-4)
    },
  },
  newton: {
    steps: 15,
    holds: (figure) => {
      expect(figure('loss after 15 steps')).toBeLessThan(figure('loss of Adam after 150'))
      expect(figure('accuracy')).toBeGreaterThan(0.9)
    },
  },
}

/** The oracle's plain loops take minutes for each of these; what they are made of has tests that run there. */
const plain = process.env['ADJOINT_BACKEND'] === 'reference'

describe.skipIf(plain)('the gallery', () => {
  for (const [name, { steps, holds }] of Object.entries(shorts))
    it(
      name,
      async () => {
        const result = await gallery[name as Name].run({ seed: 0, steps })()
        if (E.isLeft(result)) throw new Error(result.left.message)
        const { figures, picture } = result.right
        expect(Object.values(figures).every(Number.isFinite)).toBe(true)
        expect(picture).toMatch(/^<svg [^>]*width="\d[\s\S]*<\/svg>$/)
        // The bytes of embedded images may spell anything.
        expect((picture ?? '').replace(/data:[^"]*/g, '')).not.toMatch(/NaN|undefined|Infinity/)
        holds((what) => {
          expect(Object.keys(figures)).toContain(what)
          return figures[what]!
        }, result.right)
      },
      120_000,
    )

  it('says what is missing where files are to be read', async () => {
    const left = async (name: Name, options: object): Promise<string> => {
      const result = await gallery[name].run({ seed: 0, steps: 1, ...options })()
      return E.isLeft(result) ? result.left.message : 'it ran'
    }
    expect(await left('vae', { data: '/nowhere' })).toMatch(/MNIST: neither train-images.* is in \/nowhere/)
    expect(await left('style-transfer', { content: '/nowhere.jpg' })).toMatch(/nowhere.jpg cannot be read/)
    expect(await left('style-transfer', { weights: '/nowhere.npz' })).toMatch(/nowhere.npz/)
  })
})

describe('the accounting of privacy', () => {
  it('is the exact one of the Gaussian mechanism where every example is in every step', () => {
    // Renyi divergence of order a of two normals at distance 1: a / (2 noise^2).
    const whole = { steps: 3, rate: 1, noise: 4, delta: 1e-5 }
    const orders = Array.from({ length: 30 }, (_, i) => i + 2)
    const exact = Math.min(...orders.map((a) => (3 * a) / (2 * 16) + Math.log(1e5) / (a - 1)))
    expect(epsilon(whole)).toBeCloseTo(exact, 10)
  })
  it('grows with steps and rate, falls with noise', () => {
    const base = { steps: 100, rate: 0.05, noise: 1.1, delta: 1e-5 }
    const at = epsilon(base)
    expect(epsilon({ ...base, steps: 200 })).toBeGreaterThan(at)
    expect(epsilon({ ...base, rate: 0.1 })).toBeGreaterThan(at)
    expect(epsilon({ ...base, noise: 2 })).toBeLessThan(at)
  })
})

describe('the command line of example', () => {
  const options = { seed: 0, steps: undefined, data: undefined, weights: undefined, content: undefined, style: undefined }
  it('understands a name, options in both forms, and ADJOINT_DATA', () => {
    expect(parse([], {})).toEqual({ _tag: 'Right', right: { name: undefined, out: 'out', options } })
    expect(parse(['gan', '--steps', '9', '--seed=3', '--out', 'o'], {})).toEqual({
      _tag: 'Right',
      right: { name: 'gan', out: 'o', options: { ...options, steps: 9, seed: 3 } },
    })
    expect(parse(['vae'], { ADJOINT_DATA: '/d' })).toMatchObject({ right: { options: { data: '/d/mnist' } } })
    expect(parse(['vae', '--data', '/e'], { ADJOINT_DATA: '/d' })).toMatchObject({ right: { options: { data: '/e' } } })
  })
  it.each([
    [['gam'], "there is no example called 'gam'; npm run example lists them"],
    [['toString'], "there is no example called 'toString'; npm run example lists them"],
    [['gan', 'vae'], "one example at a time: 'gan' and 'vae'"],
    [['gan', '--steps', '0'], "--steps: expected an integer of at least 1, got '0'"],
    [['gan', '--seed', 'x'], "--seed: expected an integer of at least 0, got 'x'"],
  ])('says what is wrong with %j', (args, message) => {
    expect(parse(args, {})).toEqual({ _tag: 'Left', left: message })
  })
  it('refuses options that it does not know', () => {
    expect(parse(['gan', '--speed', '9'], {})).toMatchObject({ _tag: 'Left', left: expect.stringContaining('--speed') as string })
  })
  it('lists every example', () => {
    for (const [name, { about }] of Object.entries(gallery)) expect(usage).toContain(`${name.padEnd(16)} ${about}`)
  })
})
