/** Generated from netlists/cells/*.cir by scripts/generate/netlists.mjs: do not edit. */

/** Cells of a static deck. */
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
`

/** Cells with memory, transistors or finite amplifiers. */
export const furtherCells = `* Sampling: switches whose conductance follows a clock, multiplexers of them, a sample and hold on a capacitor.
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
* capacitor follows the comparison, while it is high the second takes it over; tau (s) is the time constant of both.
.subckt ob_comparator_strobed in threshold strobe out offset=0 hysteresis=0 tau=1e-10
bdecide decided 0 V={v(in)+hysteresis*(v(out)-0.5) > v(threshold)+offset ? 1 : 0}
bfollow decided first I={(v(decided)-v(first))*1e-3*min(max(10*(0.5-v(strobe)),0),1)}
cfirst first 0 {tau*1e-3} ic=0
btake 0 out I={((v(first) > 0.5 ? 1 : 0)-v(out))*1e-3*min(max(10*(v(strobe)-0.5),0),1)}
cout out 0 {tau*1e-3} ic=0
.ends ob_comparator_strobed

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
`
