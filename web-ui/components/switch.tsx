interface SwitchProps {
  label: string;
  on: boolean;
  disabled?: boolean;
  busy?: boolean;
  onToggle(on: boolean): void;
}

export function Switch({ label, on, disabled, busy, onToggle }: SwitchProps) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={label}
      aria-busy={busy}
      disabled={disabled}
      onClick={() => onToggle(!on)}
    >
      <span class="switch-knob" aria-hidden="true" />
    </button>
  );
}
