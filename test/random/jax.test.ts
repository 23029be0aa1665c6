import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { nn, np, random } from '../../src/index.js'

const key = random.key(2024)
const n = 100_000

/** SHA-256 of the little-endian bytes of 100 000 draws by JAX 0.10.2 on a CPU with fused multiply-add, from the same key. */
const drawn: Readonly<Record<string, readonly [() => Tensor, string]>> = {
  bits: [() => random.bits(key, [n]), 'ae60b8be9cd3ff38a935585525d1872199779c2645af5174143a792e95a2e149'],
  uniform: [() => random.uniform(key, [n], { minval: -2, maxval: 3 }), 'b7cb66627d7bc4c20ad9ed278eadc4c3106e4f2ca8e4b835dff219c0bc47b612'],
  'uniform, float64': [
    () => random.uniform(key, [n], { minval: -2, maxval: 3, dtype: 'float64' }),
    'c5fb776673654dcb148fb448face84f8d53c30cac5c94b9e4100270e16001883',
  ],
  normal: [() => random.normal(key, [n]), '78d1d9c828643df99a33d5b17ea57d09cdea41ac48bf258e17e5a9e2a1ac4fd9'],
  exponential: [() => random.exponential(key, [n]), '664f30e4c5f5b771448f8afa2f2b9a02e9f1d63c511f29a9f49db8a337ce5ae0'],
  gumbel: [() => random.gumbel(key, [n]), '8b9356c1a218f610644f450492f30d2b88ec1f23efa4fb420111478c2ae43c72'],
  truncatedNormal: [() => random.truncatedNormal(key, -2, 2, [n]), '3ce4e4b3bd9dd4b9326306d67b1860088e1d077654455eaba1a990e9b4370a01'],
  categorical: [
    () => random.categorical(key, np.log(np.array([0.1, 0.2, 0.7])), { shape: [n] }),
    'd25fa1748dd1677ad21d13813460f8824e9b853f384a740c12dc04f6db01437a',
  ],
  permutation: [() => random.permutation(key, n), 'fc807644bd66f184dd42acd267c7cf02d42a37c07e4b1a23ff1b573ff124fe63'],
  bernoulli: [() => random.bernoulli(key, 0.3, [n]), '07abf38d2b01452903bb9a5fabbb69472d300994058a0324a5b24bcf558a4843'],
  randint: [() => random.randint(key, [n], -7, 1000), '6edfc1153a015b3f3534bc9fc1a514b8310dc85839f7652f344556a5a33a12e5'],
  'lecunNormal initialiser': [
    () => nn.init.lecunNormal()(key, [400, 250]),
    '6fd1d762306912272425504417eebfdc95805c5051973a79d8b71dceb8fba883',
  ],
}

describe('100 000 draws are JAX’s, to the bit', () => {
  for (const [name, [draw, expected]] of Object.entries(drawn))
    it(name, () => {
      const data = draw().toTypedArray()
      expect(data.length).toBe(n)
      expect(
        createHash('sha256')
          .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
          .digest('hex'),
      ).toBe(expected)
    })
})
