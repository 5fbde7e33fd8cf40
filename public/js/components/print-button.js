/** Opens the browser's print window. Hidden where there is no JavaScript: the browser's own menu does the same. */
export default function printButton(button) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
