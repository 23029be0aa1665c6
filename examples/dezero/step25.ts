/**
 * DeZero: Graphviz has to be installed, and its language DOT is introduced.
 * Here a tape is data and `toDot` writes it as DOT; `toSvg` draws it where the npm package @viz-js/viz is, without a program to install.
 */
import { np, viz } from 'adjoint'
import type { Step } from './step.js'

export const step25: Step = {
  title: 'Graphs as text',
  run: () => viz.toDot(viz.tapeOf(np.tanh, 0.5)).trimEnd().split('\n'),
}
