export type CalendarView = { id: string, name: string, color: string, hidden: boolean, };
