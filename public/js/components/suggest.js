import { get } from '../lib/http.js'

/** Suggests values while one types: `data-suggest-url` answers `?q=` with [{ value, hint? }]. The input stays free text. */
export default function suggest(element) {
  const input = element.querySelector('input')
  const list = document.createElement('datalist')
  list.id = `${input.id}-suggestions`
  input.after(list)
  input.setAttribute('list', list.id)
  input.setAttribute('autocomplete', 'off')
  let timer
  let asked = ''
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const text = input.value.trim()
      if (text.length < 2 || text === asked) return
      asked = text
      const found = await get(`${element.dataset.suggestUrl}?q=${encodeURIComponent(text)}`).catch(() => [])
      if (text !== asked) return
      list.replaceChildren(
        ...found.map(({ value, hint }) => {
          const option = document.createElement('option')
          option.value = value
          if (hint) option.label = `${value} — ${hint}`
          return option
        }),
      )
    }, 200)
  })
}
