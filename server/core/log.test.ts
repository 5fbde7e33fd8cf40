import { expect } from 'chai'
import { describeError, loggedUrl } from './log.ts'

describe('log', () => {
  it('holds no value of a failed statement', () => {
    const error = Object.assign(new Error("Duplicate entry 'anna@example.org' for key 'email'"), {
      code: 'ER_DUP_ENTRY',
      sql: "insert into people values ('anna@example.org')",
      sqlMessage: "Duplicate entry 'anna@example.org' for key 'email'",
    })
    const text = JSON.stringify(describeError(error))
    expect(text).to.include('ER_DUP_ENTRY').and.not.include('anna')
  })

  it('holds no link that opens an account or stops letters', () => {
    expect(loggedUrl('/unsubscribe/abcdef')).to.equal('/unsubscribe/…')
    expect(loggedUrl('/reset/abcdef')).to.equal('/reset/…')
    expect(loggedUrl('/invitation/abcdef?x=1')).to.equal('/invitation/…?…')
    expect(loggedUrl('/people/12/edit')).to.equal('/people/12/edit')
  })
})
