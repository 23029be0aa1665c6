/**
 * DeZero: CUDA, CuPy and `to_gpu()` for model and loader; where the installation fails, a page of search results.
 * Here the backend is found when the program runs, nothing is moved by hand, results agree, and `probe` says which one is at work and why.
 */
import { devices, probe } from 'adjoint'
import type { Step } from './step.js'

export const step52: Step = {
  title: 'Where it computes',
  run: () => [probe(), `to choose from: ${Object.keys(devices).join(', ')}`],
}
