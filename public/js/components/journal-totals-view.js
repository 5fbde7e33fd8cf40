/** Sums at the right of the grid, painted anew when the server has counted again. */

/**
 * @param {HTMLTableElement} table
 * @param {{ text: Function, language: string }} options
 */
export function createTotalsView(table, { text, language }) {
  const mean = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const rows = new Map([...table.tBodies[0].rows].map((row) => [row.dataset.enrolment, row]))

  function reasonText({ code, ...variables }) {
    return text(`behind.${code}`, variables)
  }

  return (totals = {}) => {
    for (const [enrolmentId, sums] of Object.entries(totals)) {
      const row = rows.get(enrolmentId)
      if (!row) continue
      const put = (part, value) => {
        const cell = row.querySelector(`[data-total="${part}"]`)
        if (cell) cell.textContent = value
      }
      put('percent', sums.percent === null ? '' : percent.format(sums.percent / 100))
      put('mean', sums.mean === null ? '' : mean.format(sums.mean))
      const behind = row.querySelector('[data-total="behind"]')
      if (behind) {
        const reasons = sums.behind.map(reasonText).join('; ')
        behind.querySelector('[data-part="reasons"]').textContent = reasons
        behind.title = reasons
        behind.hidden = sums.behind.length === 0
      }
      const lacksAttendance = sums.behind.some(({ code }) => code === 'attendance')
      row.querySelector('[data-total="percent"]')?.classList.toggle('is-behind', lacksAttendance)
    }
  }
}
