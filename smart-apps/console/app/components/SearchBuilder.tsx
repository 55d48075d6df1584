/** A search put together from the parameters of a type, or written as it is. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import {
  modifiersOf,
  parseSearchText,
  prefixesOf,
  searchTextOf,
  type Condition,
  type SearchParameter,
} from '../pure/search-text.ts';
import { useText } from '../words.ts';
import { Choice } from './Choice.tsx';
import { Panel } from './Panel.tsx';

interface Props {
  readonly type: string;
  readonly asked: string;
  readonly parameters: readonly SearchParameter[];
  readonly onSearch: (text: string) => void;
}

const EMPTY: Condition = { name: '', modifier: '', prefix: '', value: '' };

export function SearchBuilder({ type, asked, parameters, onSearch }: Props) {
  const t = useText();
  const [text, setText] = useState(asked);
  const [rows, setRows] = useState<readonly Condition[]>(() => {
    const conditions = parseSearchText(asked, parameters);
    return conditions.length === 0 ? [EMPTY] : conditions;
  });
  const change = (next: readonly Condition[]): void => {
    setRows(next);
    setText(searchTextOf(next));
  };
  const write = (written: string): void => {
    setText(written);
    setRows(parseSearchText(written, parameters));
  };
  return (
    <Panel title={t('search.builder')}>
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text);
        }}
        sx={{ display: 'grid', gap: 1.5, width: '100%' }}
      >
        {rows.map((row, i) => (
          <Row
            // Rows have nothing but their place.
            key={i}
            number={i + 1}
            row={row}
            parameters={parameters}
            onChange={(next) => change(rows.with(i, next))}
            onRemove={() => change(rows.toSpliced(i, 1))}
          />
        ))}
        <TextField
          label={t('search.text', { type })}
          size="small"
          fullWidth
          value={text}
          onChange={(event) => write(event.target.value)}
          slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: 'ui-monospace, monospace' } } }}
        />
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button type="submit" variant="contained">
            {t('search.search')}
          </Button>
          <Button onClick={() => setRows([...rows, EMPTY])}>{t('search.add')}</Button>
        </Box>
      </Box>
    </Panel>
  );
}

interface RowProps {
  readonly number: number;
  readonly row: Condition;
  readonly parameters: readonly SearchParameter[];
  readonly onChange: (row: Condition) => void;
  readonly onRemove: () => void;
}

function Row({ number, row, parameters, onChange, onRemove }: RowProps) {
  const t = useText();
  const type = parameters.find(({ name }) => name === row.name)?.type;
  const isOther = row.name !== '' && type === undefined;
  const isMissing = row.modifier === 'missing';
  const [modifiers, prefixes] = [modifiersOf(type), prefixesOf(type)];
  return (
    <Box
      role="group"
      aria-label={t('search.condition', { number })}
      sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}
    >
      <Choice
        label={t('search.parameter')}
        value={row.name}
        options={[
          ['', t('search.choose')],
          ...(isOther ? [[row.name, row.name] as const] : []),
          ...parameters.map((p) => [p.name, t('search.named', { name: p.name, type: p.type })] as const),
        ]}
        onChange={(name) => onChange({ ...EMPTY, name, value: row.value })}
        width="18rem"
      />
      {(modifiers.length > 0 || row.modifier !== '') && (
        <Choice
          label={t('search.modifier')}
          value={row.modifier}
          options={[
            ['', t('search.no-modifier')],
            ...[...new Set([...modifiers, row.modifier])].filter(Boolean).map((m) => [m, `:${m}`] as const),
          ]}
          onChange={(modifier) =>
            onChange({
              ...row,
              modifier,
              value: modifier === 'missing' ? 'true' : isMissing ? '' : row.value,
            })
          }
          width="9rem"
        />
      )}
      {prefixes.length > 0 && !isMissing && (
        <Choice
          label={t('search.prefix')}
          value={row.prefix}
          options={[['', t('prefix.none')], ...prefixes.map((p) => [p, t(`prefix.${p as 'eq'}`)] as const)]}
          onChange={(prefix) => onChange({ ...row, prefix })}
          width="11rem"
        />
      )}
      {isMissing ? (
        <Choice
          label={t('search.value')}
          value={row.value}
          options={[
            ['true', t('search.is-missing')],
            ['false', t('search.is-there')],
          ]}
          onChange={(value) => onChange({ ...row, value })}
        />
      ) : (
        <TextField
          label={t('search.value')}
          size="small"
          value={row.value}
          onChange={(event) => onChange({ ...row, value: event.target.value })}
          sx={{ flexGrow: 1, minWidth: '10rem' }}
        />
      )}
      <Button onClick={onRemove} aria-label={t('search.remove-condition', { number })}>
        {t('search.remove')}
      </Button>
    </Box>
  );
}
