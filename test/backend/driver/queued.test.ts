import { describe, it } from 'vitest'
import { asyncBackend } from '../../../laws/backend.js'
import { queuedMachine } from './queued.js'

describe('a machine that answers later', () => {
  it('is a backend', async () => {
    await asyncBackend(queuedMachine({ seed: 1 }).backend, { numRuns: 12, large: false })
  }, 300_000)
})
