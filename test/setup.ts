/** After every test: no interpreter is left in force. */
import { afterEach, expect } from 'vitest'
import { current, isEvaluating } from '../src/ir/bind.js'

afterEach(() => {
  expect(isEvaluating(), `the interpreter ${current().name} was left in force`).toBe(true)
})
