import { describe, expect, it } from 'vitest'
import { nextafter32, nextafter64, pow, round, sigmoid } from '../../../src/backend/reference/math/elementary.js'
import { erf, erfc, erfInv } from '../../../src/backend/reference/math/erf.js'
import { digamma, lgamma } from '../../../src/backend/reference/math/gamma.js'
import special from './special.json' with { type: 'json' }

const functions: Readonly<Record<keyof typeof special, (x: number) => number>> = { erf, erfc, erfInv, lgamma, digamma, sigmoid }
const ulp = (x: number): number => nextafter64(Math.abs(x), Infinity) - Math.abs(x)

describe('special functions', () => {
  for (const [name, f] of Object.entries(functions))
    // The table was computed with 300 bits and holds the nearest float64, itself half an ulp off at most.
    it(`${name} is within 2 ulp`, () => {
      for (const [x, y] of special[name as keyof typeof special]) {
        const error = Math.abs(f(x!) - y!) / ulp(y!)
        expect(error, `${name}(${x}) = ${f(x!)}, not ${y}`).toBeLessThanOrEqual(2)
      }
    })

  it('keeps the edges of IEEE 754', () => {
    expect([erf(NaN), erfc(NaN), erfInv(NaN), lgamma(NaN), digamma(NaN), sigmoid(NaN)]).toEqual(new Array(6).fill(NaN))
    expect([erf(-0), erfInv(-0), round(-0), round(-0.3), round(-0.5)]).toEqual(new Array(5).fill(-0))
    expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity), erfInv(1), erfInv(-1)]).toEqual([
      1,
      -1,
      0,
      2,
      Infinity,
      -Infinity,
    ])
    expect([lgamma(0), lgamma(-1), lgamma(Infinity), lgamma(-Infinity), lgamma(1), lgamma(2)]).toEqual([
      Infinity,
      Infinity,
      Infinity,
      Infinity,
      0,
      0,
    ])
    expect([digamma(0), digamma(-3), digamma(Infinity), erfInv(1.5)]).toEqual([-Infinity, NaN, Infinity, NaN])
    expect([sigmoid(Infinity), sigmoid(-Infinity), sigmoid(-745) > 0]).toEqual([1, 0, true])
  })

  it('reflects to the left', () => {
    expect(lgamma(-0.5)).toBeCloseTo(Math.log(2 * Math.sqrt(Math.PI)), 14)
    expect(digamma(-0.5)).toBeCloseTo(digamma(1.5), 14)
    // Beside 0 on the left: log |gamma(x)| is -log |x| - 0.577 |x|.
    for (let k = 20; k < 300; k++) expect(lgamma(-(2 ** -k))).toBeCloseTo(k * Math.LN2 + 0.5772156649015329 * 2 ** -k, 11)
    expect(lgamma(-1e-300)).toBeCloseTo(300 * Math.LN10, 10)
    expect(lgamma(-2.5)).toBeCloseTo(Math.log((8 / 15) * Math.sqrt(Math.PI)), 14)
  })
})

describe('elementary functions', () => {
  it('rounds halves to even', () => {
    expect([0.5, 1.5, 2.5, -1.5, -2.5, 2 ** 52 + 1, 0.49999999999999994].map(round)).toEqual([0, 2, 2, -2, -2, 2 ** 52 + 1, 0])
    expect([NaN, Infinity, -Infinity, 1e300].map(round)).toEqual([NaN, Infinity, -Infinity, 1e300])
  })

  it('raises to powers as C does', () => {
    expect([pow(1, NaN), pow(1, Infinity), pow(-1, Infinity), pow(NaN, 0), pow(0, 0), pow(-8, 1 / 3)]).toEqual([1, 1, 1, 1, 1, NaN])
    expect([pow(-0, 3), pow(-0, -3), pow(2, -1074)]).toEqual([-0, -Infinity, 5e-324])
  })

  it('steps to the next float', () => {
    expect([nextafter32(1, 2), nextafter32(1, 0), nextafter32(0, 1), nextafter32(0, -1)]).toEqual([
      1 + 2 ** -23,
      1 - 2 ** -24,
      2 ** -149,
      -(2 ** -149),
    ])
    expect([nextafter64(1, 2), nextafter64(1, 0), nextafter64(-1, 0), nextafter64(0, -1)]).toEqual([
      1 + 2 ** -52,
      1 - 2 ** -53,
      -1 + 2 ** -53,
      -5e-324,
    ])
    expect([nextafter32(3.4028234663852886e38, Infinity), nextafter64(Infinity, 0), nextafter64(NaN, 0), nextafter32(-0, 0)]).toEqual([
      Infinity,
      Number.MAX_VALUE,
      NaN,
      0,
    ])
  })
})
