import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface NameFormProps {
  label: string;
  example: string;
  /** What it is called now. */
  initial?: string;
  /** What its button says. */
  act: string;
  busy: boolean;
  onName(name: string): void;
}

/** Asks for the name of a device. */
export function NameForm({ label, example, initial = '', act, busy, onName }: NameFormProps) {
  const name = useSignal(initial);
  const field = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    onName(name.value);
  };
  return (
    <form class="form" onSubmit={submit}>
      <label for={field}>{label}</label>
      <input
        id={field}
        required
        maxLength={60}
        autoComplete="off"
        placeholder={example}
        value={name}
        onInput={({ currentTarget }) => {
          name.value = currentTarget.value;
        }}
      />
      <button type="submit" class="button" aria-busy={busy}>
        {act}
      </button>
    </form>
  );
}
