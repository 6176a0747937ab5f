/** The gate's lines in what `wrangler dev` prints, which comes in pieces and with other things. */
export function logReader(take) {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      // Warnings and errors have a mark before them.
      const record = parsed(line.slice(line.indexOf('{')));
      if (record?.time && record.event) take(record);
    }
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
