"""Settings classes -> forms and dialogs of magicgui's widgets."""
