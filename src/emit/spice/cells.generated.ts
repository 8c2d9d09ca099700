/** Generated from netlists/cells/*.cir by scripts/generate/netlists.mjs: do not edit. */
export const cellLibrary = `* ohmbit cell library, ngspice dialect.
* Behavioural cells that an emitted encoder netlist is made of. Every cell is ideal but for its parameters.
* Literals in B sources are cut to 11 digits by ngspice: every number that matters is a parameter.

* One memristor, read in its linear range: g in siemens. Put your own device model here.
.subckt ob_device word bit g=1e-6
rcell word bit {1/g}
.ends ob_device

* Memristors with a current that is no linear function of the voltage. Beyond +-edge volts each goes on along its tangent.
* I = g v0 sinh(v / v0)
.subckt ob_device_sinh word bit g=1e-6 v0=0.2 edge=4
bcell word bit
+ I={g*v0*sinh(min(max(v(word)-v(bit),-edge),edge)/v0)
+ +g*cosh(min(max(v(word)-v(bit),-edge),edge)/v0)*(v(word)-v(bit)-min(max(v(word)-v(bit),-edge),edge))}
.ends ob_device_sinh

* I = g (v - cubic v^3); edge is where it turns over, so that the tangent is flat
.subckt ob_device_cubic word bit g=1e-6 cubic=0 edge=1e6
bcell word bit
+ I={g*(min(max(v(word)-v(bit),-edge),edge)-cubic*min(max(v(word)-v(bit),-edge),edge)
+ *min(max(v(word)-v(bit),-edge),edge)*min(max(v(word)-v(bit),-edge),edge))}
.ends ob_device_cubic

* I = g v + square v^2 + cube v^3, square (A/V^2) and cube (A/V^3) of each device (Milo et al. 2021)
.subckt ob_device_milo2021 word bit g=1e-6 square=0 cube=0 edge=0.5
bcell word bit
+ I={g*(v(word)-v(bit))
+ +(square+cube*min(max(v(word)-v(bit),-edge),edge))
+ *min(max(v(word)-v(bit),-edge),edge)*min(max(v(word)-v(bit),-edge),edge)
+ +(2*square+3*cube*min(max(v(word)-v(bit),-edge),edge))*min(max(v(word)-v(bit),-edge),edge)
+ *(v(word)-v(bit)-min(max(v(word)-v(bit),-edge),edge))}
.ends ob_device_milo2021

* I = sgn(v) v0 g (|v| / v0)^exponent
.subckt ob_device_power word bit g=1e-6 v0=0.2 exponent=1
bcell word bit I={g*v0*pwr((v(word)-v(bit))/v0,exponent)}
.ends ob_device_power


* A memristor that can be programmed: VTEAM (S. Kvatinsky, M. Ramadan, E. G. Friedman, A. Kolodny, "VTEAM: A general model
* for voltage-controlled memristors", IEEE TCAS-II 62(8), 2015), with linear current and Biolek's window.
*
* State w from 0 (r_on) to w_off (r_off), kept as x = w / w_off volts on a capacitor:
*   v > v_off: dw/dt = k_off (v/v_off - 1)^alpha_off (1 - x^(2 window))
*   v < v_on:  dw/dt = k_on  (v/v_on  - 1)^alpha_on  (1 - (1-x)^(2 window))
*   between:   0
*   i = v / (r_on + (r_off - r_on) x)
* v is v(word) - v(bit). g (S) is the conductance at the start, from 1/r_off to 1/r_on; without a programming pulse the cell
* is ob_device with that g. v_on < 0 < v_off, k_on < 0 < k_off (m/s), w_off in m. window = 10 is nearly rectangular.
* write = 0 stops the state: for operating points and sweeps beyond a threshold, which would look for the state after
* infinite time. Within the thresholds rstart holds it where g put it; its time constant is 1e6 s.
.subckt ob_device_vteam word bit g=2e-3 r_on=50 r_off=1e3 v_on=-0.2 v_off=0.02 k_on=-10 k_off=5e-4
+ alpha_on=3 alpha_off=1 w_off=3e-9 window=10 write=1
bcell word bit I={(v(word)-v(bit))/(r_on+(r_off-r_on)*v(state))}
boff 0 state
+ I={write*1e-9*k_off/w_off*pwr(max((v(word)-v(bit))/v_off-1,0),alpha_off)*(1-pwr(min(max(v(state),0),1),2*window))}
bon 0 state
+ I={write*1e-9*k_on/w_off*pwr(max((v(word)-v(bit))/v_on-1,0),alpha_on)*(1-pwr(min(max(1-v(state),0),1),2*window))}
cstate state 0 1e-9 ic={(1/g-r_on)/(r_off-r_on)}
vstart start 0 {(1/g-r_on)/(r_off-r_on)}
rstart start state 1e15
.ends ob_device_vteam

* Access to a memristor, between its word line and the cell: in series, on or off.

* A transistor that is on, as its resistance. Decks write it as a plain resistor.
.subckt ob_access_resistor word inner ohms=1e3
rchannel word inner {ohms}
.ends ob_access_resistor

* The same as a transistor: generic square-law NMOS with body effect and channel-length modulation, bulk at ground. Its
* resistance rises with the voltage of the word line and with the current; word lines must stay above -0.4 V, where the
* bulk diode opens.
.subckt ob_access_nmos word gate inner w=1e-6 l=1.8e-7
mchannel word gate inner 0 ob_nmos w={w} l={l}
.model ob_nmos nmos level=1 vto=0.45 kp=2e-4 gamma=0.4 phi=0.8 lambda=0.05 is=1e-18
.ends ob_access_nmos

* Transimpedance amplifier, infinite loop gain: the input is a virtual ground at exactly 0 V, out = -rf i(in).
* rin sits across 0 V and carries nothing; it gives the input a second terminal where a whole bit line is open.
.subckt ob_tia in out rf=1e4
vground in 0 0
rin in 0 1e9
hout out 0 vground {-rf}
.ends ob_tia

* Difference of the two sides of an output; the TIAs invert, so minus - plus is rf (I+ - I-).
.subckt ob_difference plus minus out gain=1 offset=0
bout out 0 V={gain*(v(minus)-v(plus))+offset}
.ends ob_difference

* The same with an output that clips at +-swing volts.
.subckt ob_difference_clip plus minus out gain=1 offset=0 swing=1
bout out 0 V={min(max(gain*(v(minus)-v(plus))+offset,-swing),swing)}
.ends ob_difference_clip


* Transimpedance amplifier with a finite open-loop gain, input offset (V) and output swing (+-V).
* out = gain (offset - v(in)) while within the swing. Beyond it the output gives way by 1 / hard of what it is overdriven
* by, so that an iteration finds its way back. One pole: unity gain at gbw (Hz), out starts a transient at 0 V.
.subckt ob_tia_finite in out rf=1e4 gain=1e4 offset=0 swing=1 gbw=1e8 hard=1e3
rfeedback in out {rf}
bcore 0 core
+ I={gain*(offset-v(in))-v(core)-hard*gain*(v(core)-min(max(v(core),-swing),swing))}
ccore core 0 {gain/(6.283185307179586*gbw)} ic=0
eout out 0 core 0 1
.ends ob_tia_finite

* Activation stages: out = gain vout f(v(in) / vin) + offset, vin and vout in volts per unit.
.subckt ob_tanh in out vin=1 vout=1 gain=1 offset=0
bout out 0 V={gain*vout*tanh(v(in)/vin)+offset}
rout out 0 1e9
.ends ob_tanh

.subckt ob_sigmoid in out vin=1 vout=1 gain=1 offset=0
* 1 / (1 + exp(-x)) in a form that never overflows
bout out 0 V={gain*vout*0.5*(1+tanh(0.5*v(in)/vin))+offset}
rout out 0 1e9
.ends ob_sigmoid

.subckt ob_relu in out vin=1 vout=1 gain=1 offset=0
bout out 0 V={gain*vout*max(v(in)/vin,0)+offset}
rout out 0 1e9
.ends ob_relu

.subckt ob_linear in out vin=1 vout=1 gain=1 offset=0
bout out 0 V={gain*vout*v(in)/vin+offset}
rout out 0 1e9
.ends ob_linear


* tanh stage of transistors: bipolar differential pair, resistive loads, tail current from a mirror.
*
* The difference of the collector currents is alpha tail tanh(v / 2 VT). The attenuator makes unit volts between the bases
* of vin volts at the input: 2 VT at 27 C (0.05173 V) and what the base currents drop on it. The loads make vout volts of
* the tail current; trim makes up for base currents and mirror: the fitted gain is 1 at 27 C. A voltage-controlled source
* takes the difference of the collectors to ground, where it adds offset. vcc and vee: +2.5 V and -2.5 V.
* rbase: output resistance of the attenuator. The model is generic, without series resistances and capacitances.
.subckt ob_tanh_pair in out vcc vee vin=1 vout=0.5 offset=0 tail=1e-4 rbase=100 unit=0.05195 trim=1.0032
rin in plus {rbase*vin/unit}
rplus plus 0 {rbase/(1-unit/vin)}
rminus minus 0 {rbase}
qplus low plus emitter ob_npn
qminus high minus emitter ob_npn
rlow vcc low {trim*vout/tail}
rhigh vcc high {trim*vout/tail}
qtail emitter mirror vee ob_npn
qmirror mirror mirror vee ob_npn
imirror vcc mirror {tail}
voffset base 0 {offset}
eout out base high low 1
.model ob_npn npn is=1e-16 bf=200 vaf=100
.ends ob_tanh_pair

* ADC input range: clips at +-rail volts.
.subckt ob_clip in out rail=1
bout out 0 V={min(max(v(in),-rail),rail)}
.ends ob_clip

* Multiplexer: a share of the channel before leaks in.
.subckt ob_mux in previous out crosstalk=0
bout out 0 V={v(in)+crosstalk*(v(previous)-v(in))}
.ends ob_mux

* Sample and hold: starts from the voltage held before, settles by a share of the step.
.subckt ob_hold in held out settled=1
bout out 0 V={v(held)+settled*(v(in)-v(held))}
.ends ob_hold

* Front end: gain, offset (V), third order (1/V^2).
.subckt ob_front_end in out gain=1 offset=0 cubic=0
bout out 0 V={gain*v(in)+offset+cubic*v(in)*v(in)*v(in)}
.ends ob_front_end

* Comparator: 1 V when the input is above threshold + offset, else 0 V.
.subckt ob_comparator_gt in threshold out offset=0
bout out 0 V={v(in) > v(threshold)+offset ? 1 : 0}
.ends ob_comparator_gt

.subckt ob_comparator_ge in threshold out offset=0
bout out 0 V={v(in) >= v(threshold)+offset ? 1 : 0}
.ends ob_comparator_ge

* Sampling: switches whose conductance follows a clock, multiplexers of them, a sample and hold on a capacitor.
* A clock or select node is at 0 V (open) or 1 V (closed); between 0.4 V and 0.6 V the conductance rises in
* proportion, so a straight edge closes the switch for as long as it is above 0.5 V.

* Switch from in to out.
.subckt ob_pass in out select ron=1e3 roff=1e12
bpass in out
+ I={(v(in)-v(out))*(1/roff+(1/ron-1/roff)*min(max(5*(v(select)-0.5)+0.5,0),1))}
.ends ob_pass

* Multiplexers: N switches onto one node. Select one at a time; while two are closed they average.
.subckt ob_mux2 in_0 in_1 select_0 select_1 out ron=1e3 roff=1e12
x0 in_0 out select_0 ob_pass ron={ron} roff={roff}
x1 in_1 out select_1 ob_pass ron={ron} roff={roff}
.ends ob_mux2

.subckt ob_mux4 in_0 in_1 in_2 in_3 select_0 select_1 select_2 select_3 out ron=1e3 roff=1e12
x0 in_0 out select_0 ob_pass ron={ron} roff={roff}
x1 in_1 out select_1 ob_pass ron={ron} roff={roff}
x2 in_2 out select_2 ob_pass ron={ron} roff={roff}
x3 in_3 out select_3 ob_pass ron={ron} roff={roff}
.ends ob_mux4

* Sample and hold: a switch of rs ohm that follows the node sample, ch farad, and while it is open the held voltage
* moves by droop volts a second (signed). The capacitor starts a transient at start volts; nothing buffers it.
.subckt ob_switch_hold in out sample rs=1e3 ch=1e-12 droop=0 start=0
bswitch in out I={(v(in)-v(out))/rs*min(max(5*(v(sample)-0.5)+0.5,0),1)}
bdroop 0 out I={droop*ch*(1-min(max(5*(v(sample)-0.5)+0.5,0),1))}
chold out 0 {ch} ic={start}
.ends ob_switch_hold

* Comparators with memory. Outputs are 0 V or 1 V; hysteresis (V) moves the trip point by half of itself towards the
* decision before, so that an input near the threshold stays where it was. Initial decision: 0.

* Follows its input; tau (s) is the time constant of its decision, which is kept on a capacitor.
.subckt ob_comparator_hysteresis in threshold out offset=0 hysteresis=0 tau=1e-9
bdecide decided 0 V={v(in)+hysteresis*(v(out)-0.5) > v(threshold)+offset ? 1 : 0}
rdecide decided out 1e3
cdecide out 0 {tau/1e3} ic=0
.ends ob_comparator_hysteresis

* Decides at the rising edge of strobe (0.5 V) and keeps the decision until the next one. While strobe is low the first
* capacitor follows the comparison, while it is high the second takes it over; tau (s) is the time constant of both,
* siemens their conductance: a simulator resolves small currents less finely.
.subckt ob_comparator_strobed in threshold strobe out offset=0 hysteresis=0 tau=1e-10 siemens=1e-3
bdecide decided 0 V={v(in)+hysteresis*(v(out)-0.5) > v(threshold)+offset ? 1 : 0}
bfollow decided first I={(v(decided)-v(first))*siemens*min(max(10*(0.5-v(strobe)),0),1)}
cfirst first 0 {tau*siemens} ic=0
btake 0 out I={((v(first) > 0.5 ? 1 : 0)-v(out))*siemens*min(max(10*(v(strobe)-0.5),0),1)}
cout out 0 {tau*siemens} ic=0
.ends ob_comparator_strobed

* The same with a decision that is forgotten while reset is high and strobe low, so that the first decision of a channel
* does not depend on the channel before.
.subckt ob_comparator_cleared in threshold strobe reset out offset=0 hysteresis=0 tau=1e-10 siemens=1e-3
xcompare in threshold strobe out ob_comparator_strobed offset={offset} hysteresis={hysteresis} tau={tau} siemens={siemens}
bclear out 0 I={v(out)*siemens*min(max(10*(v(reset)-0.5),0),1)}
.ends ob_comparator_cleared

* Threshold DACs.

* Code to volts, offset binary: (code - 2^(bits-1)) lsb with lsb = full_scale / 2^(bits-1); half is 2^(bits-1). The code
* is a voltage, 1 V a step. gain and offset (V) are of the whole characteristic; inl (lsb) is the largest deviation from
* the line through its ends, a parabola over the codes.
.subckt ob_dac code out full_scale=1 half=128 gain=1 offset=0 inl=0
bout out 0
+ V={full_scale/half*(gain*(v(code)-half)+inl*4*v(code)*(2*half-1-v(code))/((2*half-1)*(2*half-1)))+offset}
rout out 0 1e9
.ends ob_dac

* What the DAC's output makes of a step: one pole of tau seconds, starting at start volts.
.subckt ob_dac_settle in out tau=1e-9 start=0
bdrive drive 0 V={v(in)}
rsettle drive out 1e3
csettle out 0 {tau/1e3} ic={start}
.ends ob_dac_settle

* A serial ADC made of the cells of sampling, comparators and dacs. Who drives the clocks is outside.

* One bit of a binary search: out is 1 V during its trial, and after it what the comparator decided. It takes the decision
* over while both trial and strobe are high, and forgets it while reset is high.
.subckt ob_sar_bit decision trial strobe reset out tau=1e-10
bkeep 0 keep
+ I={((v(decision)-v(keep))*min(max(10*(min(v(trial),v(strobe))-0.5),0),1)
+ -v(keep)*min(max(10*(v(reset)-0.5),0),1))*1e-3}
ckeep keep 0 {tau*1e-3} ic=0
bout out 0 V={max(v(trial),v(keep) > 0.5 ? 1 : 0)}
rout out 0 1e9
.ends ob_sar_bit

* Three bits, seven thresholds (code - 4) full_scale / 4, code = number of thresholds below the input, 1 V a step.
* Clocks: sample high, then for each bit from trial_2 down: trial high, strobe high and low within it, trial low.
.subckt ob_serial_adc3 in sample trial_2 trial_1 trial_0 strobe code held full_scale=1 rs=1e3 ch=1e-12 droop=0 offset=0
+ hysteresis=0 dac_offset=0 dac_inl=0 dac_tau=1e-9 tau=1e-10
xhold in held sample ob_switch_hold rs={rs} ch={ch} droop={droop}
xdac code ideal ob_dac full_scale={full_scale} half=4 offset={dac_offset} inl={dac_inl}
xsettle ideal threshold ob_dac_settle tau={dac_tau}
xcompare held threshold strobe sample decision ob_comparator_cleared offset={offset} hysteresis={hysteresis} tau={tau}
xbit_2 decision trial_2 strobe sample bit_2 ob_sar_bit tau={tau}
xbit_1 decision trial_1 strobe sample bit_1 ob_sar_bit tau={tau}
xbit_0 decision trial_0 strobe sample bit_0 ob_sar_bit tau={tau}
bcode code 0 V={4*v(bit_2)+2*v(bit_1)+v(bit_0)}
.ends ob_serial_adc3
`
