/** A narrative's XHTML (http://hl7.org/fhir/R4/narrative.html) as text with its line breaks: nothing of it is run or loaded. */
const BLOCKS = new Set(['p', 'div', 'li', 'tr', 'br', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'dt', 'dd', 'blockquote', 'pre']); // prettier-ignore

function read(node: Node, lines: string[]): void {
  if (node.nodeType === Node.TEXT_NODE) {
    lines.push(`${lines.pop() ?? ''}${(node.textContent ?? '').replace(/\s+/g, ' ')}`);
    return;
  }
  const name = node.nodeName.toLowerCase();
  if (BLOCKS.has(name)) lines.push(name === 'li' ? '• ' : '');
  if (name === 'td' || name === 'th') lines.push(`${lines.pop() ?? ''} `);
  for (const child of node.childNodes) read(child, lines);
  if (BLOCKS.has(name)) lines.push('');
}

export function narrativeText(xhtml: string): string {
  const parsed = new DOMParser().parseFromString(xhtml, 'text/html');
  const lines: string[] = [''];
  read(parsed.body, lines);
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '•')
    .join('\n');
}
