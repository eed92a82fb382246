"""Who gets in, and who is who: the waiting list, invitations, people for administrators."""
