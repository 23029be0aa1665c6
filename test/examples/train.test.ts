import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { mnist } from '../../examples/train/mnist.js'
import { parse } from '../../examples/train/options.js'
import { spiral } from '../../examples/train/spiral.js'

const defaults = { task: 'spiral', data: undefined, epochs: undefined, batch: undefined, seed: 0, out: 'out' }

describe('the command line of train', () => {
  it('understands tasks, options in both forms, and ADJOINT_DATA', () => {
    expect(parse([], {})).toEqual({ _tag: 'Right', right: defaults })
    expect(parse(['mnist', '--data', 'd', '--epochs=3'], {})).toMatchObject({ right: { task: 'mnist', data: 'd', epochs: 3 } })
    expect(parse(['mnist'], { ADJOINT_DATA: 'e' })).toMatchObject({ right: { data: 'e' } })
    expect(parse(['mnist', '--data', 'd'], { ADJOINT_DATA: 'e' })).toMatchObject({ right: { data: 'd' } })
  })
  it.each([
    [['cifar'], "unknown task 'cifar'"],
    [['spiral', 'mnist'], "one task at a time: 'spiral' and 'mnist'"],
    [['--epochs'], '--epochs: a value is missing'],
    [['--epochs', '0'], "--epochs: expected an integer of at least 1, got '0'"],
    [['--epochs', '1.5'], "--epochs: expected an integer of at least 1, got '1.5'"],
    [['--speed', '9'], 'unknown option --speed'],
  ])('says what is wrong with %j', (args, message) => {
    expect(parse(args, {})).toEqual({ _tag: 'Left', left: message })
  })
})

describe('training', () => {
  const out = mkdtempSync(join(tmpdir(), 'train-'))
  const lines: string[] = []
  beforeAll(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text))
      return true
    })
  })
  afterAll(() => {
    vi.restoreAllMocks()
    rmSync(out, { recursive: true })
  })

  it('separates the spiral, says how each epoch went, draws a picture; the same seed gives the same run', async () => {
    const options = { task: 'spiral', data: undefined, epochs: 30, batch: undefined, seed: 1, out } as const
    const accuracy = await spiral(options)
    expect(accuracy).toBeGreaterThan(0.97)
    expect(lines.filter((l) => /^epoch +\d+\/30 {2}train loss \d\.\d{4} accuracy \d\.\d{4} {2}test loss/.test(l)).length).toBe(30)
    expect(lines.every((l) => !l.includes('\r'))).toBe(true)
    expect(readFileSync(join(out, 'spiral.svg'), 'utf8')).toMatch(/^<svg[\s\S]*spiral: test points[\s\S]*<\/svg>$/)
    expect(await spiral(options)).toBe(accuracy)
  }, 60_000)

  it('says where the digits should be when they are not there', async () => {
    const nowhere = join(out, 'nowhere')
    const options = { task: 'mnist', epochs: 1, batch: undefined, seed: 0, out } as const
    expect(await mnist({ ...options, data: undefined })).toEqual({
      _tag: 'Left',
      left: 'mnist: where are the files? pass --data DIR or set ADJOINT_DATA',
    })
    expect(await mnist({ ...options, data: nowhere })).toMatchObject({ left: expect.stringContaining(`is in ${nowhere}`) as string })
    expect(existsSync(join(out, 'mnist.svg'))).toBe(false)
  })
})
