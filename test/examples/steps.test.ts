/** DeZero's steps 1 to 60 in short form: every line that they print. The values of the book and of DeZero are written here; ours stand beside them. */
import { describe, expect, it } from 'vitest'
import { steps } from '../../examples/dezero/all.js'
import { parse } from '../../examples/dezero/options.js'

const number = /-?\d+(?:\.\d*)?(?:e[+-]?\d+)?/g

/** Equal texts, but for spaces and for the last bits of numbers: backends may differ there. Numbers printed with few digits must be the same. */
const same = (actual: string, expected: string): boolean => {
  const frame = (text: string): string => text.replace(number, '#').replace(/\s+/g, ' ').trim()
  const numbers = (text: string): readonly number[] => Array.from(text.match(number) ?? [], Number)
  const right = numbers(expected)
  return frame(actual) === frame(expected) && numbers(actual).every((x, i) => Math.abs(x - right[i]!) <= 4e-15 * Math.abs(right[i]!))
}

const newton = ['0 2.0', '1 1.4545454545454546', '2 1.1510467893775467', '3 1.0253259289766978', '4 1.0009084519430513']
const newtonEnd = ['5 1.0000012353089454', '6 1.000000000002289', '7 1.0', '8 1.0', '9 1.0']
/** The losses of the steps 44, 45 and 46, which train the same network from the same start. */
const layered = ['0: 0.81651785', '1000: 0.24990281', '2000: 0.24609877']

/** Step -> the lines of its short form. */
const printed: Readonly<Record<number, readonly string[]>> = {
  1: ['1.0', '2.0', '1.0'],
  2: ['100.0'],
  3: ['1.648721270700128'],
  5: ['2.568050833375483 * 1.2840254166877414 * 1.0', '3.297442541400256', '3.297442541400256', '3.297442541400256'],
  6: ['3.297442541400256'],
  7: ['3.297442541400256', 'integerPow exp integerPow'],
  8: ['3.297442541400256', '10000.5', '1.0'],
  9: ['3.297442541400256', '1.0', "ValueError: square: x must be a tensor, a number or a boolean, got the string '0.5'"],
  10: ['square: holds', 'LawError: the derivative is wrong: order 1, mode fwd'],
  11: ['5.0'],
  12: ['5.0', 'da 1.0 db 1.0'],
  13: ['13.0', '4.0', '6.0'],
  14: ['2.0', '3.0', '3.0'],
  15: ['1 = integerPow of 0', '2 = integerPow of 1', '3 = integerPow of 1', '4 = add of 2, 3'],
  16: ['32.0', '64.0'],
  17: ['480 MB made, flat: true'],
  18: ['2.0 1.0', '2', '0'],
  19: ['[2, 3]', '2', '6', 'float32', '2', '[[1. 2. 3.]\n [4. 5. 6.]]'],
  20: ['7.0', '2.0', '3.0'],
  21: ['5.0', '5.0', '7.0', 'float32'],
  22: ['-2.0', '0.0', '1.0', '1.5', '8.0', '4.0', String(4 * Math.LN2)],
  23: ['16.0', '8.0'],
  24: ['2.0 2.0', '0.040000000000000036 0.040000000000000036', '-5376.0 8064.0'],
  // DeZero's graph: 38 functions, 57 variables.
  26: ['as written: 37 operations, 56 values', 'optimized: 35 operations, 54 values'],
  27: [
    ...['0.7071067811865475', '0.7071067811865475'],
    ...['0.7071064695751781', '0.7071032148228457'],
    ...['0.7071067811865475', '0.7071067811865475'],
  ],
  28: ['0: 0.0000000000 2.0000000000', '1: 0.0020000000 1.6000000000', '2: 0.0052759968 1.2800008000', '1000: 0.6837118569 0.4659526837'],
  29: [...newton, ...newtonEnd],
  30: ['mul keeps 2', 'add keeps 0', 'tanh keeps 1'],
  31: ['{ (a:float64[]) =>', 'b:float64[] = cos a', 'in (b) }'],
  32: ['24.0', '44.0'],
  33: [...newton, ...newtonEnd],
  34: ['0.8414709848078965', '0.5403023058681398', '-0.8414709848078965', '-0.5403023058681398'],
  // DeZero's values; its graphs have 4, 9, 21, 51, 129, 339, 921 and 2571 functions.
  35: [
    '1: 0.41997, 1 operations',
    '2: -0.63970, 4 operations',
    '3: 0.62163, 9 operations',
    '4: 0.66509, 18 operations',
    '5: -5.55689, 43 operations',
    '6: 13.62408, 103 operations',
    '7: 12.28837, 254 operations',
    '8: -277.06214, 655 operations',
  ],
  36: ['100.0'],
  37: ['[[11. 22. 33.]\n [44. 55. 66.]]', ...Array<string>(2).fill('[[1. 1. 1.]\n [1. 1. 1.]]'), '[[10. 20. 30.]\n [40. 50. 60.]]'],
  38: ['[1. 2. 3. 4. 5. 6.]', '[[1. 2. 3.]\n [4. 5. 6.]]', '[[1. 4.]\n [2. 5.]\n [3. 6.]]', '[[1. 1. 1.]\n [1. 1. 1.]]'],
  39: ['21.0', '[[1. 1. 1.]\n [1. 1. 1.]]', '[5. 7. 9.]', '[1, 1, 1, 1]'],
  40: ['[11. 12. 13.]', '[3.]', '46.0 = 46.0'],
  41: ['[[14. 32.]\n [32. 77.]]', '[[5. 7. 9.]\n [5. 7. 9.]]', '[[5. 5.]\n [7. 7.]\n [9. 9.]]'],
  42: ['W 2.11807369, b 5.46608905, loss 0.07908607'],
  43: ['0: 0.84736959', '1000: 0.25142863', '2000: 0.24759485'],
  44: ['l1/b l1/w l2/b l2/w', ...layered],
  45: [
    'layer output parameters',
    'sequential 100 x 1 31',
    '0 dense 100 x 10 20',
    '1 sigmoid 100 x 10 0',
    '2 dense 100 x 1 11',
    'parameters: 31 (0.0 MB)',
    ...layered,
  ],
  46: ['1/trace/0/b 1/trace/0/w 1/trace/2/b 1/trace/2/w', ...layered],
  47: [
    '[[-0.61505778 -0.42790161  0.31733289]]',
    [
      '[[0.21068639 0.25404893 0.53526469]',
      ' [0.19019916 0.31806646 0.49173438]',
      ' [0.21545395 0.13841619 0.64612986]',
      ' [0.17820704 0.27655034 0.54524263]]',
    ].join('\n'),
    '1.496744252405306',
    String(Math.LN2),
    '1000.0',
  ],
  48: [1.13, 1.05, 0.95, 0.92, 0.87, 0.89, 0.84, 0.78, 0.8, 0.79].map((loss, i) => `epoch ${i + 1}, loss ${loss.toFixed(2)}`),
  49: ['[[-0.13981389 -0.00721657]]', '[1]', '300', '2400', '1000000', '[1.5]', '[9.]'],
  50: [
    ...['epoch: 1', 'train loss: 1.0944, accuracy: 0.4033', 'test loss: 1.0468, accuracy: 0.3267'],
    ...['epoch: 2', 'train loss: 0.9882, accuracy: 0.4933', 'test loss: 0.9729, accuracy: 0.4333'],
    ...['epoch: 3', 'train loss: 0.9403, accuracy: 0.5133', 'test loss: 0.8965, accuracy: 0.6233'],
  ],
  // Drawn digits instead of MNIST.
  51: [
    ...['epoch: 1', 'train loss: 2.1517, accuracy: 0.2625', 'test loss: 1.8609, accuracy: 0.3940'],
    ...['epoch: 2', 'train loss: 1.3959, accuracy: 0.6860', 'test loss: 1.1038, accuracy: 0.7860'],
  ],
  53: ['l0/b l0/w l1/b l1/w', 'equal: true true true true'],
  54: ['[1. 1. 1. 1. 1.]', '[2. 0. 2. 2. 0.]', '[2. 0. 2. 2. 0.]', '[1. 1. 1. 1. 1.]', '[0. 0. 0. 0. 0.]', 'true'],
  55: ['4 4', '3 3', '112 112', '112 112', '2 2', 'ShapeError: conv: output height is (4 + 2*0 - 7)/1 + 1 = -2'],
  56: [
    'layer output parameters',
    'sequential 10 x 10 4 154',
    '0 conv2d 10 x 8 x 14 x 14 224',
    '1 relu 10 x 8 x 14 x 14 0',
    '2 maxPool2d 10 x 8 x 7 x 7 0',
    '3 flatten 10 x 392 0',
    '4 dense 10 x 10 3 930',
    'parameters: 4 154 (0.0 MB)',
  ],
  57: [
    ...['(9, 75)', '(90, 75)', '(1, 8, 15, 15)', '(1, 5, 15, 15)', '(12, 18)', '(3, 18)', '(2, 3, 3, 3)'],
    '[[23.4 24.6 25.8]\n [28.2 29.4 30.6]\n [33. 34.2 35.4]]',
    'true',
  ],
  59: ['| epoch 1 | loss 0.049741', '| epoch 2 | loss 0.011429', '| epoch 3 | loss 0.006281', 'cosine, mean squared error 0.0024'],
  60: [
    '34 steps of 30 rows',
    '| epoch 1 | loss 1.003616',
    '| epoch 2 | loss 0.958237',
    '| epoch 3 | loss 0.917820',
    'cosine, mean squared error 0.8861',
  ],
}

const run = async (n: number): Promise<readonly string[]> => [...(await steps[n - 1]!.run({ short: true }))]

describe('the steps', () => {
  it('are sixty', () => expect(steps.length).toBe(60))

  it.each(Object.keys(printed).map(Number))(
    'step %i prints what it should',
    async (n) => {
      const [actual, expected] = [await run(n), printed[n]!]
      const right = actual.length === expected.length && actual.every((line, i) => same(line, expected[i]!))
      if (!right) expect(actual).toEqual(expected)
      expect(right).toBe(true)
    },
    60_000,
  )

  // The last digits of a difference quotient are those of exp, 1e4 times as large.
  it('step 4 differentiates numerically', async () => {
    const [square, composed] = (await run(4)).map(Number)
    expect(square).toBeCloseTo(4.000000000004, 11)
    expect(composed).toBeCloseTo(3.2974426293330694, 11)
  })

  it('step 25 writes a tape as DOT', async () => {
    const dot = await run(25)
    expect([dot[0], dot.at(-1)]).toEqual(['digraph "tape" {', '}'])
    expect(dot.filter((line) => line.includes('->')).map((line) => line.trim())).toEqual(['t_v0 -> t_e0', 't_e0 -> t_v1'])
    expect(dot.filter((line) => line.includes('<b>tanh</b>')).length).toBe(1)
  })

  it('step 52 says where it computes', async () => {
    const [where, choice] = await run(52)
    expect(where).toMatch(/^(wasm|reference) is active: .{20}/)
    expect(choice).toBe('to choose from: reference, wasm')
  })

  it('step 58 shows the shapes of VGG16 and allocates none of it', async () => {
    const lines = await run(58)
    const row = (line: string): readonly string[] => line.trim().split(/ {2,}/)
    const convolution = (channels: number, size: number): string => `conv2d 10 x ${channels} x ${size} x ${size}`
    const pool = (channels: number, size: number): string => `maxPool2d 10 x ${channels} x ${size} x ${size}`
    const stage = (channels: number, size: number, count: number): readonly string[] => [
      ...Array<string>(count).fill(convolution(channels, size)),
      pool(channels, size / 2),
    ]
    const shapes = lines
      .map(row)
      .map(([name = '', shape = '']) => `${name.replace(/^\d+ /, '')} ${shape}`)
      .filter((text) => /^(conv2d|maxPool2d|flatten|dense) /.test(text))
    expect(shapes).toEqual([
      ...stage(64, 224, 2),
      ...stage(128, 112, 2),
      ...stage(256, 56, 3),
      ...stage(512, 28, 3),
      ...stage(512, 14, 3),
      'flatten 10 x 25088',
      'dense 10 x 4096',
      'dense 10 x 4096',
      'dense 10 x 1000',
    ])
    expect(lines).toContain('parameters: 138 357 544 (553.4 MB)')
    expect(lines.slice(-2)).toEqual(['allocated: next to none of it', 'a picture: 3 x 224 x 224'])
  })

  it.each([
    [43, '9000: 0.07722132'],
    [44, '9000: 0.07618764'],
    [48, 'epoch 300, loss 0.13'],
  ])(
    'step %i ends where DeZero ends',
    async (n, last) => {
      expect((await steps[n - 1]!.run({ short: false })).at(-1)).toBe(last)
    },
    180_000,
  )

  it('leaves none out', () =>
    expect([...Object.keys(printed).map(Number), 4, 25, 52, 58].sort((a, b) => a - b)).toEqual(steps.map((_, k) => k + 1)))

  it('is not satisfied with other digits, other words, or fewer numbers', () => {
    expect(same('loss 1.0944,  accuracy 0.4033', 'loss 1.0944, accuracy 0.4033')).toBe(true)
    expect(same('1.6487212707001281', '1.648721270700128')).toBe(true)
    expect(same('1.64872127070014', '1.648721270700128')).toBe(false)
    expect(same('loss 1.0945', 'loss 1.0944')).toBe(false)
    expect(same('lass 1.0944', 'loss 1.0944')).toBe(false)
    expect(same('[1. 2.]', '[1. 2. 3.]')).toBe(false)
    expect(same('nan', '1.0')).toBe(false)
  })
})

describe('the command line of steps', () => {
  it('understands numbers and options', () => {
    expect(parse([])).toMatchObject({ right: [steps.map((_, k) => k + 1), { short: false }] })
    expect(parse(['3', '60', '--short'])).toEqual({ _tag: 'Right', right: [[3, 60], { short: true }] })
    expect(parse(['--data', 'd', '51', '--out', 'o'])).toEqual({ _tag: 'Right', right: [[51], { short: false, data: 'd', out: 'o' }] })
  })
  it.each([
    [['0'], "'0' is neither a step nor an option"],
    [['61'], "'61' is neither a step nor an option"],
    [['--fast'], "'--fast' is neither a step nor an option"],
    [['--data'], '--data: a value is missing'],
  ])('says what is wrong with %j', (args, message) => {
    expect(parse(args)).toEqual({ _tag: 'Left', left: message })
  })
})
