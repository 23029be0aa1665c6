import { expect, it } from 'vitest'
import { primitives } from '../../src/prim/all.js'

it('every primitive is registered under its name', () => {
  expect(Object.entries(primitives).filter(([key, prim]) => key !== prim.name)).toEqual([])
})
