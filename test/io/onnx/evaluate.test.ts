/** Models run as the standard says, without a runtime. */
import { describe, expect, it } from 'vitest'
import { compared, comparePrimitive, compareSizes, compareSubject } from './compare.js'
import { evaluateModel as run } from './evaluate.js'
import { batched, subjects } from './models.js'

describe('a model by the standard computes what we do', () => {
  it.each(compared)('%s: random applications, edge values included', async (name) => {
    expect((await comparePrimitive(name, 8, 3, 1e-5, run)).wrong).toEqual([])
  })

  it.each(Object.keys(subjects))('%s', async (name) => {
    expect((await compareSubject(subjects[name]!(), run)).wrong).toEqual([])
  })

  it.each(Object.keys(batched))('for batches of 1 and 5: %s', async (name) => {
    expect((await compareSizes(batched[name]!(), [1, 5], run)).wrong).toEqual([])
  })
})
