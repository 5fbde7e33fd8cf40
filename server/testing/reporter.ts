import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/** Mocha's ordinary report; counts and failures also go to the file named by INTEGRAL_TEST_COUNTS, for the sum at the end. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    runner.once('end', () => {
      const file = process.env.INTEGRAL_TEST_COUNTS
      const { passes = 0, failures = 0, pending = 0 } = this.stats ?? {}
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, failed: this.failures.map(describe) }))
    })
  }
}

const describe = (test: Mocha.Test) => `${test.fullTitle()}\n  ${test.err?.message ?? ''}\n  ${test.file ?? ''}`
