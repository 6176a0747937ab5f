/** What a newcomer reads when everything runs. */
export const welcome = ({ gate, application, start, policy }) => `
Begin here:  ${start}/    the people, the policy, and what the gate decides, as it happens

The application, behind the gate:  ${gate}/

Sign in at the sample identity provider as one of

  alice  HR           reaches /HR and not /IT
  bob    IT           reaches /IT and not /HR
  carol  HR and IT    reaches both
  eve    no group     reaches / only

Then try

  ${gate}/HR
  ${gate}/IT
  ${gate}/.access/whoami    who the gate takes you for
  ${gate}/.access/logout    to become somebody else
  ${application}/HR                 the application without the gate: refused

The policy is ${policy}: change it, and save it. The start page says when it is in force. VESTIBULE_LOG=1 npm start shows the gate's log. Ctrl-C ends everything.
`;
