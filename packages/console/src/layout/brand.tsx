/** The sign of the console. */
export function Brand() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0b6b62" />
      <path
        d="M5 16h22M10 10l-5 6 5 6M22 10l5 6-5 6"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
