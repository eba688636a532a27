/** The generated client names it as browsers do; Node's own types know it only by what it is a part of. */
type BodyInit = NonNullable<RequestInit['body']>;
