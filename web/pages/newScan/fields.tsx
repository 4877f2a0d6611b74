interface SelectProps<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [value: T, words: string])[];
  onChange: (value: T) => void;
}

export function SelectField<T extends string>({ label, value, choices, onChange }: SelectProps<T>) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = choices.find(([one]) => one === currentTarget.value);
          if (chosen) onChange(chosen[0]);
        }}
      >
        {choices.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberProps {
  label: string;
  value: number | null | undefined;
  placeholder?: string;
  /** `undefined`: the field is empty. */
  onChange: (value: number | undefined) => void;
}

export function NumberField({ label, value, placeholder, onChange }: NumberProps) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <input
        type="number"
        min="1"
        placeholder={placeholder}
        value={value ?? ''}
        onInput={({ currentTarget }) => {
          const typed = currentTarget.value;
          onChange(typed === '' ? undefined : Number(typed));
        }}
      />
    </label>
  );
}

interface CheckProps {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

export function CheckField({ label, isChecked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}
