/** Ranges of cells as tab-separated text: what spreadsheets put on the clipboard and understand from it. */

/** @param {string[][]} rows */
export function toTsv(rows) {
  return rows.map((row) => row.map(quote).join('\t')).join('\r\n')
}

const quote = (text) => (/[\t\r\n"]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * Reads tab-separated text with quoted cells and any line ends; the empty line that spreadsheets add is dropped.
 * @param {string} text
 * @returns {string[][]}
 */
export function fromTsv(text) {
  const rows = [['']]
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    const row = rows.at(-1)
    if (quoted) {
      if (char !== '"') row[row.length - 1] += char
      else if (text[at + 1] === '"') row[row.length - 1] += text[at++]
      else quoted = false
    } else if (char === '"' && row.at(-1) === '') quoted = true
    else if (char === '\t') row.push('')
    else if (char === '\n') rows.push([''])
    else if (char === '\r') {
      if (text[at + 1] !== '\n') rows.push([''])
    } else row[row.length - 1] += char
  }
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === '') rows.pop()
  return rows
}

/**
 * What goes where when a block is pasted at the top left of a selection: a single value fills the selection, a block
 * whose size divides the selection is repeated, otherwise it is laid once.
 * @param {string[][]} block
 * @param {{ rows: number, columns: number }} selection
 * @returns {{ row: number, column: number, text: string }[]} offsets from the top left
 */
export function layOut(block, selection) {
  const height = block.length
  const width = Math.max(...block.map((row) => row.length))
  const tiles = selection.rows % height === 0 && selection.columns % width === 0
  const rows = tiles ? Math.max(height, selection.rows) : height
  const columns = tiles ? Math.max(width, selection.columns) : width
  const cells = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const text = block[row % height][column % width]
      if (text !== undefined) cells.push({ row, column, text })
    }
  }
  return cells
}
