import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { warmedCosine } from '../../examples/train/loop.js'
import { mnist } from '../../examples/train/mnist.js'
import type { Options } from '../../examples/train/options.js'
import { parse } from '../../examples/train/options.js'
import { reporter } from '../../examples/train/report.js'
import { shakespeare } from '../../examples/train/shakespeare.js'
import { spiral } from '../../examples/train/spiral.js'

const defaults: Options = {
  task: 'spiral',
  model: 'mlp',
  data: undefined,
  epochs: undefined,
  steps: undefined,
  minutes: undefined,
  batch: undefined,
  seed: 0,
  threads: undefined,
  out: 'out',
  checkpoint: undefined,
  json: false,
}

describe('the command line of train', () => {
  it('understands tasks, options in both forms', () => {
    expect(parse([])).toEqual({ _tag: 'Right', right: defaults })
    expect(parse(['mnist', '--data', 'd', '--epochs=3'])).toMatchObject({
      right: { task: 'mnist', model: 'mlp', data: 'd', epochs: 3 },
    })
    expect(parse(['mnist', '--model', 'cnn', '--json', '--steps', '7', '--threads', '1'])).toMatchObject({
      right: { model: 'cnn', json: true, steps: 7, threads: 1 },
    })
    expect(parse(['shakespeare', '--minutes', '0.5', '--checkpoint', 'c'])).toMatchObject({
      right: { task: 'shakespeare', model: 'gpt', minutes: 0.5, checkpoint: 'c' },
    })
    expect(parse(['--model=lstm', 'shakespeare'])).toMatchObject({ right: { model: 'lstm' } })
  })
  it.each([
    [['cifar'], "unknown task 'cifar'"],
    [['spiral', 'mnist'], "one task at a time: 'spiral' and 'mnist'"],
    [['--epochs'], '--epochs: a value is missing'],
    [['--epochs', '0'], "--epochs: expected an integer of at least 1, got '0'"],
    [['--epochs', '1.5'], "--epochs: expected an integer of at least 1, got '1.5'"],
    [['--minutes', '0'], "--minutes: expected a number above 0, got '0'"],
    [['--epochs', '1', '--steps', '1'], '--epochs and --steps: one of them'],
    [['mnist', '--model', 'gpt'], "--model: expected mlp or cnn for mnist, got 'gpt'"],
    [['--model', 'cnn'], "--model: expected mlp for spiral, got 'cnn'"],
    [['--speed', '9'], 'unknown option --speed'],
    [['--json=1'], 'unknown option --json'],
  ])('says what is wrong with %j', (args, message) => {
    expect(parse(args)).toEqual({ _tag: 'Left', left: message })
  })
  it('warms the learning rate up and lets it fall', () => {
    const rate = warmedCosine(2, { warmup: 0.1, floor: 0.5 })
    expect([0, 0.05, 0.1, 0.55, 1].map(rate)).toEqual([0, 1, 2, 1.5, 1])
    expect(warmedCosine(2)(0)).toBe(2)
  })
})

describe('training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'train-'))
  const out = join(folder, 'out')
  let lines: string[] = []
  beforeAll(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text))
      return true
    })
  })
  afterAll(() => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true })
  })

  type Program = typeof spiral
  /** The result of a program, and what it said. */
  const said = async (program: Program, options: Partial<Options>): Promise<readonly [E.Either<string, number>, readonly string[]]> => {
    lines = []
    const all = { ...defaults, out, ...options }
    const result = await program(all, reporter(all))
    return [result, lines]
  }
  /** What it said as JSON, without what depends on the clock and on folders. */
  const events = async (program: Program, options: Partial<Options>): Promise<readonly Record<string, unknown>[]> => {
    const [result, all] = await said(program, { ...options, json: true })
    const facts = all.map((l) => JSON.parse(l) as Record<string, unknown>)
    return [...facts.map(({ seconds: _s, path: _p, ...rest }) => rest).filter((e) => e.event !== 'trained'), { result }]
  }
  /** A run that is stopped after its next to last round and goes on says what an undisturbed one says there. */
  const resumesExactly = async (program: Program, options: Partial<Options>, round: string): Promise<void> => {
    const [whole, cut] = ['whole', 'cut'].map((name) => mkdtempSync(join(folder, name))) as [string, string]
    const undisturbed = await events(program, { ...options, checkpoint: whole })
    const files = readdirSync(whole).sort()
    cpSync(join(whole, files.at(-2)!), join(cut, files.at(-2)!))
    const again = await events(program, { ...options, checkpoint: cut })
    const rounds = undisturbed.filter((e) => e.event === round)
    expect(again.find((e) => e.event === 'resumed')).toEqual({ event: 'resumed', [round]: rounds.length - 1 })
    expect(again.filter((e) => e.event !== 'resumed')).toEqual(undisturbed.filter((e) => e.event !== round || e[round] === rounds.length))
    expect(readdirSync(cut).sort()).toEqual(files.slice(-2))
  }

  it('separates the spiral, says how each epoch went, draws a picture; the same seed gives the same run', async () => {
    const [accuracy, text] = await said(spiral, { epochs: 30, seed: 1 })
    expect(E.getOrElse(() => NaN)(accuracy)).toBeGreaterThan(0.97)
    expect(text.filter((l) => /^epoch +\d+\/30 {2}train loss \d\.\d{4} accuracy \d\.\d{4} {2}test loss/.test(l)).length).toBe(30)
    expect(text.filter((l) => /^trained for \d+\.\d s, \d+\.\d s of all cores; the fastest step took \d+\.\d ms\n$/.test(l)).length).toBe(1)
    expect(text.every((l) => !l.includes('\r'))).toBe(true)
    expect(readFileSync(join(out, 'spiral.svg'), 'utf8')).toMatch(/^<svg[\s\S]*spiral: test points[\s\S]*<\/svg>$/)
    expect((await said(spiral, { epochs: 30, seed: 1 }))[0]).toEqual(accuracy)
  }, 60_000)
  it('goes on from a checkpoint as if nothing had happened; the learning rate too', async () => {
    await resumesExactly(spiral, { epochs: 4, steps: 37 }, 'epoch')
  }, 60_000)
  it('refuses checkpoints of another training', async () => {
    const dir = join(folder, 'other')
    await said(spiral, { epochs: 2, checkpoint: dir })
    const [result] = await said(spiral, { epochs: 3, checkpoint: dir })
    expect(result).toMatchObject({
      left: expect.stringMatching(/checkpoint of step 2: history is float64\[2,5\], not float64\[3,5\]/) as string,
    })
  }, 60_000)
  it('stops when the time is over, after a step at least', async () => {
    const told = await events(spiral, { minutes: 1e-9 })
    expect(told.filter((e) => e.event === 'epoch').map((e) => e.step)).toEqual([1])
  }, 60_000)

  /** Images of one bright quadrant, which is the class, as files of MNIST. */
  const quadrants = (dir: string): void => {
    mkdirSync(dir)
    const word = (n: number): number[] => [n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]
    const set = (name: string, n: number): void => {
      const labels = Uint8Array.from({ length: n }, (_, i) => i % 4)
      const pixels = Uint8Array.from({ length: n * 784 }, (_, k) => {
        const [i, y, x] = [Math.floor(k / 784), Math.floor(k / 28) % 28, k % 28]
        return (y < 14 ? 0 : 2) + (x < 14 ? 0 : 1) === labels[i]! ? 200 + ((7 * i + k) % 50) : (3 * i + k) % 40
      })
      writeFileSync(
        join(dir, `${name}-images-idx3-ubyte`),
        Uint8Array.from([...word(0x803), ...word(n), ...word(28), ...word(28), ...pixels]),
      )
      writeFileSync(join(dir, `${name}-labels-idx1-ubyte`), Uint8Array.from([...word(0x801), ...word(n), ...labels]))
    }
    set('train', 64)
    set('t10k', 16)
  }
  it.each(['mlp', 'cnn'] as const)(
    'reads digits with %s',
    async (model) => {
      const dir = join(folder, `digits-${model}`)
      quadrants(dir)
      const told = await events(mnist, { task: 'mnist', model, data: dir, epochs: 4, batch: 16 })
      expect(told[0]).toEqual({ event: 'model', model, parameters: model === 'mlp' ? 1_796_010 : 215_370 })
      expect(told.filter((e) => e.event === 'epoch').map((e) => e.step)).toEqual([4, 8, 12, 16])
      expect(told.at(-1)).toEqual({ result: E.right(1) })
      expect(readFileSync(join(out, `mnist-${model}.svg`), 'utf8')).toMatch(/^<svg/)
    },
    120_000,
  )
  it('says where the digits should be when they are not there', async () => {
    const nowhere = join(folder, 'nowhere')
    const options = { task: 'mnist', epochs: 1, out: nowhere } as const
    const [missing] = await said(mnist, { ...options, data: nowhere })
    expect(missing).toMatchObject({ left: expect.stringContaining(`is in ${nowhere}`) as string })
    expect(existsSync(nowhere)).toBe(false)
  })

  it.each(['gpt', 'lstm'] as const)(
    'writes text with %s, and goes on from a checkpoint',
    async (model) => {
      const dir = join(folder, `text-${model}`)
      mkdirSync(dir)
      writeFileSync(join(dir, 'tinyshakespeare.txt'), 'to be, or not to be: that is the question.\n'.repeat(40))
      const options = { task: 'shakespeare', model, data: dir, steps: 4, batch: 2 } as const
      await resumesExactly(shakespeare, { ...options, out: join(folder, model) }, 'round')
      const told = await events(shakespeare, options)
      expect(told[0]).toMatchObject({ event: 'model', model, steps: 4 })
      expect(told.find((e) => e.event === 'sample')?.sample).toMatch(/^\n[\s\S]{500}$/)
      const losses = told.filter((e) => e.event === 'round').map((e) => (e.validation as { readonly loss: number }).loss)
      expect(losses.at(-1)!).toBeLessThan(losses[0]!)
    },
    240_000,
  )
  it('says where the text should be when it is not there', async () => {
    const [missing] = await said(shakespeare, { task: 'shakespeare', model: 'gpt', data: folder })
    expect(missing).toMatchObject({ left: expect.stringContaining(`is in ${folder}`) as string })
  })
})
